/* SPDX-License-Identifier: MIT */
/*
 * Memory for secrets: pages of our own, kept out of swap where the system's limit allows it and
 * out of core dumps, zero at first and wiped before they are given back.
 *
 * A child of fork has the pages too, but not the lock; the first use there takes it again.
 */
#ifndef CT_SEAL_SECRET_H
#define CT_SEAL_SECRET_H

#include "base/common.h"

struct ct_secret;

cachet_status ct_secret_new(struct ct_secret **ret_secret, size_t size, cachet_error *err);
/* Wipes. Takes NULL. */
void ct_secret_free(struct ct_secret *secret);
CT_DEFINE_FREEP(struct ct_secret, ct_secret_free)

/* The memory; may be called from any thread. */
void *ct_secret_memory(struct ct_secret *secret);

/* Is it kept out of swap? */
bool ct_secret_is_locked(const struct ct_secret *secret);

#endif
