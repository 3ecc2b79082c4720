/* SPDX-License-Identifier: BSD-2-Clause */
/* A trace at the end of its process, and in a forked child. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "media.h"
#include "tracing.h"

#if defined(__SANITIZE_THREAD__)
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) { return "die_after_fork=0"; }
#endif

static void add(const char *name) { spdl_trace_end_event(spdl_trace_begin_event(), 0, name, NULL); }

static void wait_for(pid_t child) {
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK(WIFEXITED(status));
  CHECK_EQ(WEXITSTATUS(status), 0);
}

static void child_writes_nothing(void) {
  int fd;
  spdl_trace *trace = tracing_start(&fd, 0);
  const int64_t begin = spdl_trace_begin_event();
  const pid_t child = fork();
  if (child == 0) {
    check_leave_subtest();
    CHECK_EQ(spdl_trace_begin_event(), 0);
    spdl_trace_end_event(begin, 0, "of the child", NULL);
    CHECK_STATUS(SPDL_E_FORKED, spdl_trace_stop(trace, ERR));
    spdl_trace_info info = {.struct_size = sizeof(info)};
    CHECK_OK(spdl_trace_get_info(trace, &info, ERR));
    spdl_trace_free(trace);
    exit(0); /* Neither here. */
  }
  wait_for(child);
  spdl_trace_end_event(begin, 0, "of the parent", NULL);
  char *text = tracing_stop(trace, fd);
  CHECK(tracing_is_complete(text));
  CHECK_EQ(tracing_count(text, "of the parent"), 1);
  CHECK_EQ(tracing_count(text, "of the child"), 0);
  CHECK_EQ(tracing_count(text, "process_name"), 1);
  free(text);
}

static void child_has_a_trace_of_its_own(void) {
#if defined(__SANITIZE_THREAD__)
  return; /* It takes the threads of a child for those of its parent. */
#endif
  int fd, other;
  spdl_trace *trace = tracing_start(&fd, 0);
  char name[] = "/tmp/spdl-child-XXXXXX";
  CHECK((other = mkstemp(name)) >= 0);
  const int64_t begin = spdl_trace_begin_event();
  const pid_t child = fork();
  if (child == 0) {
    check_leave_subtest();
    const spdl_trace_options options = {.struct_size = sizeof(options), .path = name};
    spdl_trace *own = NULL;
    CHECK_OK(spdl_trace_start(&options, &own, ERR));
    spdl_trace_free(trace);
    add("of the child");
    spdl_trace_end_event(begin, 0, "of before", NULL);
    CHECK_OK(spdl_trace_stop(own, ERR));
    _exit(0);
  }
  wait_for(child);
  char *text = tracing_stop(trace, fd);
  CHECK(tracing_is_complete(text) && !strstr(text, "of the child"));
  free(text);
  text = tracing_read(other);
  CHECK(tracing_is_complete(text) && strstr(text, "of the child") && !strstr(text, "of before"));
  char own_pid[32];
  snprintf(own_pid, sizeof(own_pid), "\"pid\":%d,", child);
  CHECK(strstr(text, own_pid));
  free(text);
  unlink(name);
}

/* The reader of a pipe sees its end, although a child lives on. */
static void child_lets_go_of_the_file(void) {
  int ends[2], wait[2];
  CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
  CHECK_EQ(pipe2(wait, O_CLOEXEC), 0);
  const spdl_trace_options options = {
      .struct_size = sizeof(options), .flags = SPDL_TRACE_HAS_FD, .fd = ends[1]};
  spdl_trace *trace = NULL;
  CHECK_OK(spdl_trace_start(&options, &trace, ERR));
  close(ends[1]);
  const pid_t child = fork();
  char one = 0;
  if (child == 0) {
    close(wait[1]);
    _exit(read(wait[0], &one, 1) == 0 ? 0 : 1);
  }
  CHECK_OK(spdl_trace_stop(trace, ERR));
  spdl_trace_free(trace);
  char text[4096];
  ssize_t size, total = 0;
  while ((size = read(ends[0], text, sizeof(text))) > 0) total += size;
  CHECK(size == 0 && total > 0);
  close(ends[0]);
  close(wait[0]);
  close(wait[1]);
  wait_for(child);
}

static void *add_for_ever(void *unused) {
  for (;;) add("of a thread");
  return unused;
}

/* A process that ends while it is traced, with or without threads that go on. */
static void check_end_of_process(int num_threads) {
  char name[] = "/tmp/spdl-trace-XXXXXX";
  const int fd = mkstemp(name);
  CHECK(fd >= 0 && unlink(name) == 0);
  fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    check_leave_subtest();
    const spdl_trace_options options = {
        .struct_size = sizeof(options), .flags = SPDL_TRACE_HAS_FD, .fd = fd};
    spdl_trace *trace = NULL;
    CHECK_OK(spdl_trace_start(&options, &trace, ERR));
    for (int i = 0; i < num_threads; ++i) {
      pthread_t thread;
      CHECK_EQ(pthread_create(&thread, NULL, add_for_ever, NULL), 0);
    }
    add("the last words");
    exit(0);
  }
  wait_for(child);
  char *text = tracing_read(fd);
  CHECK(tracing_is_complete(text));
  CHECK_EQ(tracing_count(text, "the last words"), 1);
  free(text);
}

static void exit_without_a_stop(void) { check_end_of_process(0); }
static void exit_among_threads(void) { check_end_of_process(3); }

CHECK_MAIN(CHECK_TEST(child_writes_nothing), CHECK_TEST(child_has_a_trace_of_its_own),
           CHECK_TEST(child_lets_go_of_the_file), CHECK_TEST(exit_without_a_stop),
           CHECK_TEST(exit_among_threads))
