/* SPDX-License-Identifier: MIT */
#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

#include "base/error.h"

cachet_status ct_random(void *ret_bytes, size_t size, cachet_error *err)
{
    unsigned char *at = ret_bytes;

    while (size > 0) {
        const ssize_t got = getrandom(at, size, 0);
        if (got < 0 && errno != EINTR)
            return ct_err_set_errno(err, CACHET_E_CRYPTO, "no random bytes from the system");
        if (got > 0) {
            at += got;
            size -= (size_t) got;
        }
    }
    return CACHET_OK;
}
