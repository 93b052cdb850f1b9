/* SPDX-License-Identifier: MIT */
#ifndef CT_BASE_RANDOM_H
#define CT_BASE_RANDOM_H

#include "base/common.h"

/* Fresh bytes from the system's generator. */
cachet_status ct_random(void *ret_bytes, size_t size, cachet_error *err);

#endif
