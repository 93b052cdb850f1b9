/* SPDX-License-Identifier: MIT */
#include "cli/harden.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define HAS_LEAK_CHECK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_LEAK_CHECK 1
#endif
#endif

/* The leak check of a sanitizer attaches to the process as a debugger does. */
static void refuse_debuggers(void)
{
#if defined(__linux__) && !defined(HAS_LEAK_CHECK)
    (void) prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/*
 * A file opened later must not take the number of a standard stream that is closed. What fills
 * the gap cannot be used the way the stream would be, so that output is not lost in silence.
 */
static void fill_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void) open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

void cli_harden(void)
{
    const struct rlimit none = {0, 0};

    fill_standard_streams();
    (void) setrlimit(RLIMIT_CORE, &none);
    refuse_debuggers();
    /* A reader that leaves is noticed at the write, so that what was begun is cleaned up. */
    (void) signal(SIGPIPE, SIG_IGN);
}
