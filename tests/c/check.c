/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <dirent.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* An armed error carries this status, which no call gives. */
#define ARMED INT32_C(0x5a5a5a5a)

static _Thread_local spdl_error thread_error;
static _Thread_local jmp_buf *subtest_end; /* Of the main thread alone. */

_Noreturn void check_skip(const char *reason) {
  printf("SKIP %s\n", reason);
  fflush(stdout);
  exit(77);
}

_Noreturn void check_fail(const char *file, int line, const char *format, ...) {
  va_list arguments;
  fflush(stdout);
  fprintf(stderr, "  %s:%d: ", file, line);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, "\n");
  if (thread_error.struct_size && thread_error.status != ARMED)
    fprintf(stderr, "  last error: status %d, origin %d, native code %d: %s\n", thread_error.status,
            thread_error.origin, thread_error.native_code, thread_error.message);
  if (!subtest_end) _exit(1);
  longjmp(*subtest_end, 1);
}

void check_leave_subtest(void) { subtest_end = NULL; }

spdl_error *check_error(void) {
  memset(&thread_error, 0x5a, sizeof(thread_error));
  thread_error.struct_size = sizeof(thread_error);
  return &thread_error;
}

const spdl_error *check_last_error(void) { return &thread_error; }

static int is_still_armed(void) {
  const unsigned char *bytes = (const unsigned char *)&thread_error;
  if (thread_error.struct_size != sizeof(thread_error)) return 0;
  for (size_t i = sizeof(thread_error.struct_size); i < sizeof(thread_error); ++i)
    if (bytes[i] != 0x5a) return 0;
  return 1;
}

void check_status(spdl_status expected, spdl_status actual, const char *call, const char *file,
                  int line) {
  /* As written, or as expanded by an outer macro. */
  const int has_error = strstr(call, "ERR") || strstr(call, "check_error()");
  if (!has_error) thread_error.struct_size = 0;
  if (actual != expected) check_fail(file, line, "%s gave %d, not %d", call, actual, expected);
  if (!has_error) return;
  if (actual >= 0) {
    if (!is_still_armed())
      check_fail(file, line, "%s wrote its error although it did not fail", call);
    return;
  }
  const spdl_error *error = &thread_error;
  if (error->status != actual) check_fail(file, line, "%s: the error's status differs", call);
  if (error->origin < SPDL_ORIGIN_NONE || error->origin > SPDL_ORIGIN_TRACE)
    check_fail(file, line, "%s: origin %d is unknown", call, error->origin);
  if (!memchr(error->message, 0, sizeof(error->message)))
    check_fail(file, line, "%s: the message has no end", call);
  if (!error->message[0]) check_fail(file, line, "%s: the message is empty", call);
  if (error->native_code > 0) check_fail(file, line, "%s: the native code is positive", call);
}

void check_message(const char *text, const char *file, int line) {
  if (!strstr(thread_error.message, text))
    check_fail(file, line, "the message has no \"%s\"", text);
}

void check_string(const char *actual, const char *expected, const char *file, int line) {
  if (!actual || strcmp(actual, expected) != 0)
    check_fail(file, line, "got \"%s\", not \"%s\"", actual ? actual : "(null)", expected);
}

int64_t check_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * SECONDS + now.tv_nsec;
}

void check_sleep_ms(int milliseconds) {
  const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * MILLISECONDS};
  nanosleep(&time, NULL);
}

void check_tag_released(uint64_t tag) {
  const int64_t end = check_now_ns() + PATIENCE;
  uint64_t found = 0;
  while (spdl_released_drain(&found, 1) == 0) {
    if (check_now_ns() > end)
      check_fail(__FILE__, __LINE__, "tag %" PRIu64 " is not released", tag);
    check_sleep_ms(1);
  }
  CHECK_EQ(found, tag);
}

void check_no_tag_released(void) {
  uint64_t tag;
  CHECK_EQ(spdl_released_drain(&tag, 1), 0);
}

static int count_descriptors(void) {
  int count = 0;
  DIR *directory = opendir("/proc/self/fd");
  if (!directory) return 0;
  while (readdir(directory)) ++count;
  closedir(directory);
  return count;
}

/* What a failed subtest left behind is nobody else's fault. */
static int has_failed;

static void drain_all(void) {
  uint64_t tags[64];
  while (spdl_released_drain(tags, 64) == 64) continue;
}

/* Jobs of a freed queue may still be ending, so leftovers get some time to vanish. */
static void check_nothing_left(int descriptors) {
  const int64_t end = check_now_ns() + 5 * SECONDS;
  int num_open = count_descriptors();
  while ((spdl_library_count_handles(SPDL_KIND_NONE) != 0 || num_open != descriptors) &&
         check_now_ns() < end) {
    check_sleep_ms(1);
    num_open = count_descriptors();
  }
  for (uint32_t kind = SPDL_KIND_NONE + 1; kind < SPDL_KIND_COUNT; ++kind)
    if (spdl_library_count_handles(kind) != 0)
      check_fail(__FILE__, __LINE__, "%" PRId64 " handles of kind %u are left",
                 spdl_library_count_handles(kind), kind);
  check_no_tag_released();
  CHECK_EQ(num_open, descriptors);
}

static void run_and_look(const check_test *test) {
  const int descriptors = count_descriptors();
  test->run();
  thread_error.struct_size = 0;
  if (!has_failed) check_nothing_left(descriptors);
}

/* Whether it came to its end. Nothing that lives across setjmp() changes. */
static int comes_to_its_end(const check_test *test) {
  jmp_buf end;
  subtest_end = &end;
  if (setjmp(end) != 0) return 0;
  run_and_look(test);
  return 1;
}

static int run_subtest(const check_test *test) {
  const int64_t start = check_now_ns();
  thread_error.struct_size = 0;
  const int passed = comes_to_its_end(test);
  subtest_end = NULL;
  if (!passed) has_failed = 1;
  if (has_failed) drain_all();
  printf("%s %s (%" PRId64 " ms)\n", passed ? "ok  " : "FAIL", test->name,
         (check_now_ns() - start) / MILLISECONDS);
  fflush(stdout);
  return passed;
}

static int is_wanted(const char *name, int argc, char **argv) {
  if (argc < 2) return 1;
  for (int i = 1; i < argc; ++i)
    if (strcmp(argv[i], name) == 0) return 1;
  return 0;
}

int check_main(int argc, char **argv, const check_test *tests, size_t num_tests) {
  int num_run = 0;
  int num_failed = 0;
  for (size_t i = 0; i < num_tests; ++i) {
    if (!is_wanted(tests[i].name, argc, argv)) continue;
    ++num_run;
    if (!run_subtest(&tests[i])) ++num_failed;
  }
  printf("%d run, %d failed\n", num_run, num_failed);
  return num_run == 0 || num_failed != 0;
}
