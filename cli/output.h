/* SPDX-License-Identifier: MIT */
/*
 * Words for people: what came from outside is shown escaped, so that no origin can drive a
 * terminal; times are UTC, sizes in powers of 1024.
 */
#ifndef CACHET_CLI_OUTPUT_H
#define CACHET_CLI_OUTPUT_H

#include <cachet/types.h>

#include <stdbool.h>
#include <stdio.h>

/*
 * The bytes as text: control characters (C0, DEL, C1) and what is not UTF-8 become \xNN.
 */
void cli_put_text(FILE *out, cachet_bytes bytes);

/*
 * How many bytes of `bytes` make up its first character, 0 if that is not UTF-8 (RFC 3629: no
 * overlong forms, no surrogates). *ret_code is the character.
 */
size_t cli_utf8_next(cachet_bytes bytes, uint32_t *ret_code);

/* The URL as a new string, without the userinfo somebody may have typed. */
char *cli_url_to_show(const char *url);

/* "2026-01-31T23:59:59Z", or "-" for a time that there is not (negative or beyond year 9999).
 */
#define CLI_TIME_TEXT_SIZE 32
void cli_time_text(int64_t time_ms, char ret_text[CLI_TIME_TEXT_SIZE]);

/* "0", "1023", "1.0K", "64K", "1.5G"; at most 5 characters. */
#define CLI_SIZE_TEXT_SIZE 16
void cli_size_text(uint64_t size, char ret_text[CLI_SIZE_TEXT_SIZE]);

/* 16 bytes as 32 hex digits and back; the latter says whether they were. */
#define CLI_ID_SIZE 16
#define CLI_ID_TEXT_SIZE 33
void cli_id_text(const unsigned char id[CLI_ID_SIZE], char ret_text[CLI_ID_TEXT_SIZE]);
bool cli_id_parse(const char *text, unsigned char ret_id[CLI_ID_SIZE]);

/* Whether colour is welcome there: a terminal, not a dumb one, and NO_COLOR is not set. */
bool cli_is_colourful(FILE *out);

/* The time of day, and a time for measuring. */
int64_t cli_now_ms(void);
int64_t cli_monotonic_ms(void);

/* A count on standard error that is written over and over, where that is a terminal. */
struct cli_progress {
    bool is_shown;
    int64_t next_ms;
};
void cli_progress_begin(struct cli_progress *progress, bool quiet);
void cli_progress_step(struct cli_progress *progress, const char *words, uint64_t count);
/* Clears the line; also before anything else is written to the terminal. */
void cli_progress_clear(struct cli_progress *progress);

/*
 * Writes out what stands in the buffer of standard output. E_IO if it cannot be written; a
 * reader that left gives E_ABORTED with nothing to say.
 */
cachet_status cli_flush(cachet_error *err);

/* The failure that a write to a stream just had, from errno. */
cachet_status cli_write_failed(const char *name, cachet_error *err);

#endif
