/* SPDX-License-Identifier: MIT */
/* Codes bodies for the tests of their decoding. */
#ifndef CT_TESTS_ENCODE_H
#define CT_TESTS_ENCODE_H

#include "base/buf.h"

/*
 * Appends `bytes` in a coding: "gzip", "deflate", "raw-deflate", "br", "zstd", or "zstd-wide"
 * (a window of 128 MiB). False where that cannot be made here.
 */
bool encode(const char *coding, cachet_bytes bytes, struct ct_buf *buf);

#endif
