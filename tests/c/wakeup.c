/* SPDX-License-Identifier: BSD-2-Clause */
/* Queue rules: the fd that becomes readable when completions or released memory wait. */
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

static int is_readable(int fd, int timeout_ms) {
  struct pollfd wanted = {.fd = fd, .events = POLLIN};
  const int num = poll(&wanted, 1, timeout_ms);
  CHECK(num >= 0);
  return num == 1 && (wanted.revents & POLLIN);
}

/* What an event loop does first when it wakes up. */
static void acknowledge(int fd) {
  uint64_t count;
  CHECK_EQ(read(fd, &count, sizeof(count)), sizeof(count));
  CHECK(count > 0);
  CHECK(!is_readable(fd, 0));
}

static void fd_is_nonblocking_and_not_inherited(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  const int fd = spdl_queue_get_fd(queue);
  CHECK(fd >= 0);
  CHECK_EQ(spdl_queue_get_fd(queue), fd);
  CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
  CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
  CHECK(!is_readable(fd, 0));
  spdl_queue_free(queue);
  CHECK_EQ(fcntl(fd, F_GETFL), -1);
}

static void completion(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  const int fd = spdl_queue_get_fd(queue);
  for (uint64_t round = 0; round < 3; ++round) {
    job_gate gate = job_gate_submit(queue, round);
    job_gate_wait_running(&gate);
    CHECK(!is_readable(fd, 0));
    job_gate_open(&gate);
    CHECK(is_readable(fd, 10000));
    acknowledge(fd);
    job_expect(queue, round, SPDL_OK);
    job_check_none_ready(queue);
    CHECK(!is_readable(fd, 0));
    job_gate_free(&gate);
  }
  spdl_queue_free(queue);
}

/* The fd is a hint: many completions may make one wake-up, and a wake-up may find nothing. But
 * whoever reads first and then collects all misses none. */
static void read_then_drain_misses_nothing(void) {
  enum { NUM_JOBS = 300 };
  media_bytes picture = media_make_ppm(4, 4);
  spdl_source *source = media_open_bytes(&picture, 1);
  spdl_queue *queue = job_queue(NULL, 0);
  const int fd = spdl_queue_get_fd(queue);
  int num_submitted = 0, num_collected = 0;
  unsigned char seen[NUM_JOBS] = {0};
  while (num_collected < NUM_JOBS) {
    for (int i = 0; i < 10 && num_submitted < NUM_JOBS; ++i, ++num_submitted)
      CHECK_OK(spdl_source_load_submit(queue, (uint64_t)num_submitted, source, SPDL_MEDIA_IMAGE,
                                       NULL, NULL, ERR));
    CHECK(is_readable(fd, 10000));
    uint64_t count;
    CHECK_EQ(read(fd, &count, sizeof(count)), sizeof(count));
    for (;;) {
      spdl_completion done = {.struct_size = sizeof(done)};
      const spdl_status status = spdl_queue_next(queue, &done, NULL);
      if (status == SPDL_AGAIN) break;
      CHECK_EQ(status, SPDL_OK);
      CHECK(done.tag < NUM_JOBS && seen[done.tag]++ == 0);
      job_free_result(&done);
      ++num_collected;
    }
  }
  spdl_source_free(source);
  check_tag_released(1);
  media_free(&picture);
  spdl_queue_free(queue);
}

/* spdl_queue_wait() sees completions, but leaves the fd to its reader. */
static void wait_does_not_read(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  const int fd = spdl_queue_get_fd(queue);
  job_gate gate = job_gate_submit(queue, 1);
  job_gate_open(&gate);
  CHECK_OK(spdl_queue_wait(queue, PATIENCE, ERR));
  CHECK(is_readable(fd, 1000));
  job_expect(queue, 1, SPDL_OK);
  CHECK(is_readable(fd, 0));
  acknowledge(fd);
  job_gate_free(&gate);
  spdl_queue_free(queue);
}

/* Memory that comes back makes the fds of all queues readable, with no job about. */
static void released_memory(void) {
  spdl_queue *queues[2] = {job_queue(NULL, 0), job_queue(NULL, 0)};
  char byte = 0;
  for (uint64_t tag = 1; tag <= 2; ++tag) {
    spdl_memory *memory = NULL;
    CHECK_OK(spdl_memory_borrow(&byte, 1, 0, tag, &memory, ERR));
    for (int i = 0; i < 2; ++i) CHECK(!is_readable(spdl_queue_get_fd(queues[i]), 0));
    spdl_memory_free(memory);
    for (int i = 0; i < 2; ++i) CHECK(is_readable(spdl_queue_get_fd(queues[i]), 1000));
    for (int i = 0; i < 2; ++i) acknowledge(spdl_queue_get_fd(queues[i]));
    check_tag_released(tag);
  }
  for (int i = 0; i < 2; ++i) spdl_queue_free(queues[i]);
}

/* Memory that came back before there was a queue is not forgotten. */
static void released_before_the_queue(void) {
  spdl_memory *memory = NULL;
  char byte = 0;
  CHECK_OK(spdl_memory_borrow(&byte, 1, 0, 3, &memory, ERR));
  spdl_memory_free(memory);
  spdl_queue *queue = job_queue(NULL, 0);
  CHECK(is_readable(spdl_queue_get_fd(queue), 1000));
  check_tag_released(3);
  spdl_queue_free(queue);
}

static void shared_fd(void) {
  const int fd = eventfd(0, EFD_NONBLOCK);
  CHECK(fd >= 0);
  const spdl_queue_options options = {
      .struct_size = sizeof(options), .flags = SPDL_QUEUE_HAS_FD, .fd = fd};
  spdl_queue *queues[2] = {NULL, NULL};
  for (int i = 0; i < 2; ++i) CHECK_OK(spdl_queue_create(NULL, &options, &queues[i], ERR));
  for (int i = 0; i < 2; ++i) {
    CHECK(spdl_queue_get_fd(queues[i]) != fd); /* A duplicate: each may be closed on its own. */
    job_gate gate = job_gate_submit(queues[i], (uint64_t)i);
    CHECK(!is_readable(fd, 0));
    job_gate_open(&gate);
    CHECK(is_readable(fd, 10000));
    CHECK(is_readable(spdl_queue_get_fd(queues[0]), 0));
    CHECK(is_readable(spdl_queue_get_fd(queues[1]), 0));
    acknowledge(fd);
    job_check_none_ready(queues[1 - i]);
    job_expect(queues[i], (uint64_t)i, SPDL_OK);
    job_gate_free(&gate);
  }
  spdl_queue_free(queues[0]);
  job_gate gate = job_gate_submit(queues[1], 3);
  job_gate_open(&gate);
  CHECK(is_readable(fd, 10000));
  job_expect(queues[1], 3, SPDL_OK);
  job_gate_free(&gate);
  spdl_queue_free(queues[1]);
  CHECK(fcntl(fd, F_GETFL) != -1);
  close(fd);
}

/* The caller may close its descriptor first. */
static void shared_fd_closed_first(void) {
  const int fd = eventfd(0, EFD_NONBLOCK);
  const spdl_queue_options options = {
      .struct_size = sizeof(options), .flags = SPDL_QUEUE_HAS_FD, .fd = fd};
  spdl_queue *queue = NULL;
  CHECK_OK(spdl_queue_create(NULL, &options, &queue, ERR));
  close(fd);
  job_gate gate = job_gate_submit(queue, 1);
  job_gate_open(&gate);
  CHECK(is_readable(spdl_queue_get_fd(queue), 10000));
  job_expect(queue, 1, SPDL_OK);
  job_gate_free(&gate);
  spdl_queue_free(queue);
}

CHECK_MAIN(CHECK_TEST(fd_is_nonblocking_and_not_inherited), CHECK_TEST(completion),
           CHECK_TEST(read_then_drain_misses_nothing), CHECK_TEST(wait_does_not_read),
           CHECK_TEST(released_memory), CHECK_TEST(released_before_the_queue),
           CHECK_TEST(shared_fd), CHECK_TEST(shared_fd_closed_first))
