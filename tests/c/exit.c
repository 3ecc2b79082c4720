/* SPDX-License-Identifier: BSD-2-Clause */
/* A process that returns from main() with jobs running ends at once, with the status that it
 * returned. The processes are this program, started anew. */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

extern char **environ;

/* ---- the processes ---- */

/* Four decodes that never end, on four workers. */
static spdl_queue *run_four_decodes(void) {
  spdl_packets *packets = media_demux(media_open(VIDEO_MP4), SPDL_MEDIA_VIDEO);
  spdl_queue *queue = job_queue(job_pool(4), 0);
  const spdl_decode_options decode = {
      .struct_size = sizeof(decode),
      .filter = SPDL_FILTER_CUSTOM,
      .filter_desc = "loop=loop=-1:size=1,scale=1280:720,scale=16:16:flags=bicubic"};
  for (uint64_t tag = 0; tag < 4; ++tag)
    CHECK_OK(spdl_packets_decode_submit(queue, tag, packets, &decode, NULL, ERR));
  check_sleep_ms(30);
  job_check_none_ready(queue);
  return queue;
}

static int exit_while_decoding(void) {
  run_four_decodes();
  return 0;
}

static int exit_after_freeing_the_queue(void) {
  spdl_queue_free(run_four_decodes());
  return 0;
}

static int exit_while_waiting_for_input(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  for (uint64_t tag = 0; tag < 8; ++tag) {
    const job_gate gate = job_gate_submit(queue, tag);
    if (tag == 0) job_gate_wait_running(&gate);
  }
  return 0;
}

static void *load_for_ever(void *source) {
  for (;;) {
    spdl_buffer *buffer = NULL;
    if (spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, NULL) == SPDL_OK)
      spdl_buffer_free(buffer);
  }
  return NULL;
}

/* Blocking calls on threads that nobody joins. */
static int exit_during_blocking_calls(void) {
  spdl_source *source = media_open(PICTURE_JPG);
  for (int i = 0; i < 2; ++i) {
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, load_for_ever, source), 0);
    pthread_detach(thread);
  }
  check_sleep_ms(30);
  return 0;
}

/* A short job is often just ending when main() returns. */
static int exit_among_short_jobs(void) {
  spdl_source *source = media_open(PICTURE_JPG);
  spdl_queue *queue = job_queue(NULL, 0);
  for (uint64_t tag = 0; tag < 500; ++tag)
    CHECK_OK(spdl_source_load_submit(queue, tag, source, SPDL_MEDIA_IMAGE, NULL, NULL, ERR));
  check_sleep_ms((int)(getpid() % 7));
  return 0;
}

static int exit_with_a_status(void) {
  run_four_decodes();
  exit(7);
}

/* A handler that the caller registered before its first job runs after the library's own end. */
static void use_the_library(void) {
  if (spdl_library_count_handles(SPDL_KIND_NONE) <= 0) _exit(9);
  spdl_source *source = NULL;
  if (spdl_source_from_path("a", NULL, &source, NULL) != SPDL_OK) _exit(9);
  spdl_source_free(source);
}

static int exit_with_a_handler(void) {
  atexit(use_the_library);
  run_four_decodes();
  return 0;
}

static const struct {
  const char *name;
  int (*run)(void);
} processes[] = {
    {"while_decoding", exit_while_decoding},
    {"after_freeing_the_queue", exit_after_freeing_the_queue},
    {"while_waiting_for_input", exit_while_waiting_for_input},
    {"during_blocking_calls", exit_during_blocking_calls},
    {"among_short_jobs", exit_among_short_jobs},
    {"with_a_status", exit_with_a_status},
    {"with_a_handler", exit_with_a_handler},
};

static int run_process(const char *name) {
  for (size_t i = 0; i < sizeof(processes) / sizeof(processes[0]); ++i) {
    if (strcmp(processes[i].name, name) != 0) continue;
    alarm(60);
    const int status = processes[i].run();
    /* The parent measures the time from here on. */
    const int64_t now = check_now_ns();
    CHECK_EQ(write(STDOUT_FILENO, &now, sizeof(now)), sizeof(now));
    return status;
  }
  return 99;
}

/* ---- what is expected of them ---- */

static void expect_end(const char *name, int num_runs, int expected_status) {
  for (int i = 0; i < num_runs; ++i) {
    int pipes[2];
    CHECK_EQ(pipe(pipes), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, pipes[0]);
    posix_spawn_file_actions_addclose(&actions, pipes[1]);
    char *arguments[] = {"exit", "--process", (char *)name, NULL};
    pid_t pid;
    CHECK_EQ(posix_spawn(&pid, "/proc/self/exe", &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[1]);
    int64_t returned_at = 0;
    const ssize_t num_read = read(pipes[0], &returned_at, sizeof(returned_at));
    close(pipes[0]);
    int status = -1;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    const int64_t took = check_now_ns() - returned_at;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != expected_status)
      check_fail(__FILE__, __LINE__, "run %d ended with wait status %#x", i, (unsigned)status);
    if (num_read == sizeof(returned_at)) CHECK(took < SECONDS * CHECK_SLOWDOWN);
  }
}

static void while_decoding(void) { expect_end("while_decoding", 20, 0); }
static void after_freeing_the_queue(void) { expect_end("after_freeing_the_queue", 3, 0); }
static void while_waiting_for_input(void) { expect_end("while_waiting_for_input", 5, 0); }
static void during_blocking_calls(void) { expect_end("during_blocking_calls", 10, 0); }
static void among_short_jobs(void) { expect_end("among_short_jobs", 10, 0); }
static void with_a_status(void) { expect_end("with_a_status", 2, 7); }
static void with_a_handler(void) { expect_end("with_a_handler", 2, 0); }

/* What running jobs hold when the process ends is no leak. */
static void let_processes_leak(void) {
  char options[512];
  const char *old = getenv("ASAN_OPTIONS");
  snprintf(options, sizeof(options), "%s:detect_leaks=0", old ? old : "");
  setenv("ASAN_OPTIONS", options, 1);
}

int main(int argc, char **argv) {
  static const check_test tests[] = {
      CHECK_TEST(while_decoding),          CHECK_TEST(after_freeing_the_queue),
      CHECK_TEST(while_waiting_for_input), CHECK_TEST(during_blocking_calls),
      CHECK_TEST(among_short_jobs),        CHECK_TEST(with_a_status),
      CHECK_TEST(with_a_handler),
  };
  if (argc == 3 && strcmp(argv[1], "--process") == 0) return run_process(argv[2]);
  media_path(""); /* Skips here rather than in each process. */
  let_processes_leak();
  return check_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]));
}
