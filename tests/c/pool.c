/* SPDX-License-Identifier: BSD-2-Clause */
/* Pools: their size, resizing, private ones, and work shared by the workers of one. */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

static void sizes(void) {
  spdl_pool *pool = job_pool(3);
  CHECK_EQ(spdl_pool_get_num_threads(pool), 3);
  CHECK_OK(spdl_pool_set_num_threads(pool, 7, ERR));
  CHECK_EQ(spdl_pool_get_num_threads(pool), 7);
  CHECK_OK(spdl_pool_set_num_threads(pool, 4096, ERR));
  CHECK_EQ(spdl_pool_get_num_threads(pool), 4096);
  CHECK_STATUS(SPDL_E_INVALID, spdl_pool_set_num_threads(pool, 4097, ERR));
  CHECK_EQ(spdl_pool_get_num_threads(pool), 4096);
  spdl_pool_free(pool);
}

/* By default not more than the process may use. */
static void default_size(void) {
  cpu_set_t cpus;
  CHECK(sched_getaffinity(0, sizeof(cpus), &cpus) == 0);
  spdl_pool *pool = NULL;
  CHECK_OK(spdl_pool_create(NULL, &pool, ERR));
  const uint32_t num = spdl_pool_get_num_threads(pool);
  CHECK(num >= 1 && (int)num <= CPU_COUNT(&cpus));
  CHECK_OK(spdl_pool_set_num_threads(pool, num + 5, ERR));
  CHECK_OK(spdl_pool_set_num_threads(pool, 0, ERR));
  CHECK_EQ(spdl_pool_get_num_threads(pool), num);
  spdl_pool_free(pool);
}

static void process_pool(void) {
  const uint32_t before = spdl_pool_get_num_threads(NULL);
  CHECK(before >= 1);
  CHECK_OK(spdl_pool_set_num_threads(NULL, before + 2, ERR));
  CHECK_EQ(spdl_pool_get_num_threads(NULL), before + 2);
  CHECK_OK(spdl_pool_set_num_threads(NULL, 0, ERR));
  CHECK_EQ(spdl_pool_get_num_threads(NULL), before);
}

/* A child process started anew: in the child of a fork the sizes would be known already. */
static int size_in_environment(const char *value) {
  char command[600], self[512];
  const ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
  CHECK(length > 0);
  self[length] = 0;
  snprintf(command, sizeof(command), "SPDL_NUM_THREADS='%s' '%s' --print-size", value, self);
  FILE *output = popen(command, "r");
  CHECK(output != NULL);
  int size = -1;
  CHECK_EQ(fscanf(output, "%d", &size), 1);
  CHECK_EQ(pclose(output), 0);
  return size;
}

static void size_from_the_environment(void) {
  const int usual = size_in_environment("");
  CHECK(usual >= 1);
  CHECK_EQ(size_in_environment("5"), 5);
  CHECK_EQ(size_in_environment("1"), 1);
  CHECK_EQ(size_in_environment("0"), usual);
  CHECK_EQ(size_in_environment("many"), usual);
  CHECK_EQ(size_in_environment("-3"), usual);
}

/* So many jobs of a pool run at a time, and no more. */
static void resize_up_and_down(void) {
  enum { NUM_JOBS = 6 };
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  job_gate gates[NUM_JOBS];
  for (uint64_t i = 0; i < NUM_JOBS; ++i) gates[i] = job_gate_submit(queue, i);
  job_gate_wait_running(&gates[0]);
  job_gate_check_waiting(&gates[1]);
  CHECK_OK(spdl_pool_set_num_threads(pool, 3, ERR)); /* Work that waits gets its workers. */
  job_gate_wait_running(&gates[1]);
  job_gate_wait_running(&gates[2]);
  job_gate_check_waiting(&gates[3]);
  CHECK_OK(spdl_pool_set_num_threads(pool, 1, ERR)); /* Two leave after their current jobs. */
  job_gate_open(&gates[0]);
  job_expect(queue, 0, SPDL_OK);
  job_gate_open(&gates[1]);
  job_expect(queue, 1, SPDL_OK);
  job_gate_check_waiting(&gates[3]);
  job_gate_open(&gates[2]);
  job_expect(queue, 2, SPDL_OK);
  job_gate_wait_running(&gates[3]);
  job_gate_check_waiting(&gates[4]);
  CHECK_OK(spdl_pool_set_num_threads(pool, 2, ERR));
  for (uint64_t i = 3; i < NUM_JOBS; ++i) {
    job_gate_open(&gates[i]);
    job_expect(queue, i, SPDL_OK);
  }
  for (int i = 0; i < NUM_JOBS; ++i) job_gate_free(&gates[i]);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

/* Resized by several threads while jobs come and go. */
static void *resize_often(void *pool) {
  for (uint32_t i = 0; i < 200; ++i)
    if (spdl_pool_set_num_threads(pool, 1 + i % 5, NULL) != SPDL_OK) return "cannot resize";
  return NULL;
}

static void resize_under_load(void) {
  media_bytes picture = media_make_ppm(8, 8);
  spdl_source *source = media_open_bytes(&picture, 1);
  spdl_pool *pool = job_pool(2);
  spdl_queue *queue = job_queue(pool, 0);
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i) CHECK_EQ(pthread_create(&threads[i], NULL, resize_often, pool), 0);
  for (uint64_t tag = 0; tag < 300; ++tag)
    CHECK_OK(spdl_source_load_submit(queue, tag, source, SPDL_MEDIA_IMAGE, NULL, NULL, ERR));
  for (int i = 0; i < 300; ++i) {
    const job_end end = job_collect(queue);
    job_check_end(&end, end.completion.tag, SPDL_OK);
  }
  for (int i = 0; i < 2; ++i) {
    void *problem = NULL;
    pthread_join(threads[i], &problem);
    CHECK(problem == NULL);
  }
  spdl_source_free(source);
  check_tag_released(1);
  media_free(&picture);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

/* A busy private pool holds up neither another one nor the process's own. */
static void private_pools(void) {
  spdl_pool *pools[2] = {job_pool(1), job_pool(1)};
  spdl_queue *queues[3] = {job_queue(pools[0], 0), job_queue(pools[1], 0), job_queue(NULL, 0)};
  job_gate busy = job_gate_submit(queues[0], 0);
  job_gate_wait_running(&busy);
  for (uint64_t i = 1; i < 3; ++i) {
    job_gate gate = job_gate_submit(queues[i], i);
    job_gate_open(&gate);
    job_expect(queues[i], i, SPDL_OK);
    job_gate_free(&gate);
  }
  job_gate_open(&busy);
  job_expect(queues[0], 0, SPDL_OK);
  job_gate_free(&busy);
  for (int i = 0; i < 3; ++i) spdl_queue_free(queues[i]);
  for (int i = 0; i < 2; ++i) spdl_pool_free(pools[i]);
}

/* Workers block all signals: one that is sent to the process comes to the caller's threads. */
static int has_unblocked_worker(void) {
  char path[64], line[256];
  for (int tid = getpid(); tid < getpid() + 2000; ++tid) {
    snprintf(path, sizeof(path), "/proc/self/task/%d/comm", tid);
    FILE *file = fopen(path, "r");
    if (!file) continue;
    const int is_worker = fgets(line, sizeof(line), file) && strncmp(line, "spdl", 4) == 0;
    fclose(file);
    if (!is_worker) continue;
    snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
    file = fopen(path, "r");
    CHECK(file != NULL);
    unsigned long long blocked = 0;
    while (fgets(line, sizeof(line), file))
      if (sscanf(line, "SigBlk: %llx", &blocked) == 1) break;
    fclose(file);
    const unsigned long long wanted = (1ull << (SIGINT - 1)) | (1ull << (SIGTERM - 1)) |
                                      (1ull << (SIGCHLD - 1)) | (1ull << (SIGALRM - 1));
    return (blocked & wanted) != wanted;
  }
  return -1; /* No worker is there. */
}

static void workers_block_signals(void) {
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  job_gate gate = job_gate_submit(queue, 1);
  job_gate_wait_running(&gate);
  CHECK_EQ(has_unblocked_worker(), 0);
  sigset_t mask;
  CHECK(pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0);
  CHECK(!sigismember(&mask, SIGINT)); /* The caller's own mask is as it was. */
  job_gate_open(&gate);
  job_expect(queue, 1, SPDL_OK);
  job_gate_free(&gate);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

int main(int argc, char **argv) {
  static const check_test tests[] = {
      CHECK_TEST(sizes),
      CHECK_TEST(default_size),
      CHECK_TEST(process_pool),
      CHECK_TEST(size_from_the_environment),
      CHECK_TEST(resize_up_and_down),
      CHECK_TEST(resize_under_load),
      CHECK_TEST(private_pools),
      CHECK_TEST(workers_block_signals),
  };
  if (argc == 2 && strcmp(argv[1], "--print-size") == 0)
    return printf("%u\n", spdl_pool_get_num_threads(NULL)) < 0;
  return check_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]));
}
