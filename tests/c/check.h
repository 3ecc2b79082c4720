/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * A test program is a table of subtests. A failed check ends its subtest, the others still run.
 *
 * After each subtest the runner looks for what it left behind: live handles, tags of borrowed
 * memory that nobody drained, and file descriptors. Each is a failure.
 */
#ifndef SPDL_TESTS_C_CHECK_H
#define SPDL_TESTS_C_CHECK_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "spdl/spdl.h"

typedef struct check_test {
  const char *name;
  void (*run)(void);
} check_test;

#define CHECK_TEST(function) {#function, function}
#define CHECK_MAIN(...)                                                     \
  int main(int argc, char **argv) {                                         \
    static const check_test tests[] = {__VA_ARGS__};                        \
    return check_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0])); \
  }

/** Run all subtests, or those named on the command line.
 * @return the exit status: 0 or 1. */
int check_main(int argc, char **argv, const check_test *tests, size_t num_tests);

/** End the program as skipped (exit status 77), saying why. */
_Noreturn void check_skip(const char *reason);

/** End the subtest; on another thread than the main one, the program. */
_Noreturn void check_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** From here on a failed check ends the program: for the child of a fork. */
void check_leave_subtest(void);

/** This thread's error, armed so that the next CHECK_STATUS can tell whether the call wrote it. */
spdl_error *check_error(void);
/** This thread's error, as the last call left it. */
const spdl_error *check_last_error(void);
#define ERR check_error()

/** Takes part in a check of a call: compares the status, and if the call was given ERR, whether
 * the error was written exactly when the status is negative and has all that it must have. */
void check_status(spdl_status expected, spdl_status actual, const char *call, const char *file,
                  int line);
void check_message(const char *text, const char *file, int line);
void check_string(const char *actual, const char *expected, const char *file, int line);

#define CHECK(condition) ((condition) ? (void)0 : check_fail(__FILE__, __LINE__, "%s", #condition))
#define CHECK_EQ(actual, expected)                                                           \
  do {                                                                                       \
    const long long check_a = (long long)(actual), check_e = (long long)(expected);          \
    if (check_a != check_e)                                                                  \
      check_fail(__FILE__, __LINE__, "%s is %lld, not %lld (%s)", #actual, check_a, check_e, \
                 #expected);                                                                 \
  } while (0)
#define CHECK_CLOSE(actual, expected, tolerance)                                           \
  do {                                                                                     \
    const double check_a = (actual), check_e = (expected);                                 \
    if (!(check_a - check_e <= (tolerance) && check_e - check_a <= (tolerance)))           \
      check_fail(__FILE__, __LINE__, "%s is %.17g, not %.17g", #actual, check_a, check_e); \
  } while (0)
#define CHECK_STRING(actual, expected) check_string(actual, expected, __FILE__, __LINE__)
#define CHECK_BYTES(actual, expected, size) CHECK(memcmp((actual), (expected), (size)) == 0)
#define CHECK_STATUS(expected, call) check_status((expected), (call), #call, __FILE__, __LINE__)
#define CHECK_OK(call) CHECK_STATUS(SPDL_OK, call)
/** The call, which must use ERR, fails with a status and a message that contains `text`. */
#define CHECK_ERROR(expected, text, call)    \
  do {                                       \
    CHECK_STATUS(expected, call);            \
    check_message(text, __FILE__, __LINE__); \
  } while (0)

/** What a sanitizer's build may take longer than a plain one. */
#if defined(__SANITIZE_THREAD__)
#define CHECK_SLOWDOWN 10
#elif defined(__SANITIZE_ADDRESS__)
#define CHECK_SLOWDOWN 4
#else
#define CHECK_SLOWDOWN 1
#endif

#define MILLISECONDS INT64_C(1000000)
#define SECONDS INT64_C(1000000000)
/** Longer than anything that should happen takes: waiting so long is a failure. */
#define PATIENCE (20 * SECONDS)

int64_t check_now_ns(void);
void check_sleep_ms(int milliseconds);

/** Wait until a tag comes out of spdl_released_drain(), which must give no other. */
void check_tag_released(uint64_t tag);
/** No tag is there to be drained. */
void check_no_tag_released(void);

#endif /* SPDL_TESTS_C_CHECK_H */
