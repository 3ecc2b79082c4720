/* SPDX-License-Identifier: BSD-2-Clause */
/* The child of a process whose pool is busy: values and loads work there, and new queues; queues,
 * pools and machines of the parent answer SPDL_E_FORKED. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

#if defined(__SANITIZE_THREAD__)
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) { return "die_after_fork=0"; }
#endif

/* What the parent has at the time of the fork. */
static struct {
  spdl_pool *pool;
  spdl_queue *queue;
  spdl_queue *shared_pool_queue;
  spdl_source *picture;
  spdl_source *video;
  spdl_demuxer *demuxer;
  spdl_filter_graph *graph;
  spdl_packets *packets;
  spdl_packets *heavy;
  spdl_frames *frames;
  spdl_buffer *buffer;
  job_gate gate;
  media_bytes heavy_bytes;
} parent;

enum { NUM_HEAVY = 2 };

/* Workers decode, one waits for input, completions wait to be collected. */
static void make_busy(void) {
#if defined(__SANITIZE_ADDRESS__)
  check_skip("AddressSanitizer's allocator does not survive a fork while another thread allocates");
#endif
  parent.pool = job_pool(2);
  parent.queue = job_queue(parent.pool, 0);
  parent.shared_pool_queue = job_queue(NULL, 0);
  parent.picture = media_open(PICTURE_JPG);
  parent.video = media_open(VIDEO_MP4);
  parent.packets = media_demux(parent.video, SPDL_MEDIA_VIDEO);
  parent.frames = media_decode(parent.packets, NULL);
  parent.buffer = media_convert(parent.frames);
  CHECK_OK(spdl_demuxer_open(parent.video, NULL, NULL, &parent.demuxer, ERR));
  CHECK_OK(spdl_filter_graph_open("testsrc,buffersink", NULL, &parent.graph, ERR));
  parent.heavy = job_heavy_packets(1, 1, &parent.heavy_bytes);
  parent.gate = job_gate_submit(parent.queue, 100);
  const spdl_decode_options decode = job_heavy_options();
  for (uint64_t tag = 0; tag < NUM_HEAVY; ++tag)
    CHECK_OK(spdl_packets_decode_submit(parent.shared_pool_queue, tag, parent.heavy, &decode, NULL,
                                        ERR));
  job_gate_wait_running(&parent.gate);
}

static void end_busy(void) {
  job_gate_open(&parent.gate);
  job_expect(parent.queue, 100, SPDL_OK);
  for (int i = 0; i < NUM_HEAVY; ++i) {
    const job_end end = job_collect(parent.shared_pool_queue);
    job_check_end(&end, end.completion.tag, SPDL_OK);
  }
  job_gate_free(&parent.gate);
  spdl_queue_free(parent.queue);
  spdl_queue_free(parent.shared_pool_queue);
  spdl_pool_free(parent.pool);
  spdl_source_free(parent.picture);
  spdl_source_free(parent.video);
  spdl_demuxer_free(parent.demuxer);
  spdl_filter_graph_free(parent.graph);
  spdl_packets_free(parent.packets);
  spdl_packets_free(parent.heavy);
  spdl_frames_free(parent.frames);
  spdl_buffer_free(parent.buffer);
  check_tag_released(1);
  media_free(&parent.heavy_bytes);
}

/* Runs `child` in a forked child, where a failed check ends the process. */
static void in_child(void (*child)(void)) {
  fflush(NULL);
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    check_leave_subtest();
    alarm(60);
    child();
    fflush(NULL);
    _exit(0);
  }
  int status = -1;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    check_fail(__FILE__, __LINE__, "the child ended with wait status %#x", (unsigned)status);
}

static void in_child_of_busy_parent(void (*child)(void)) {
  make_busy();
  in_child(child);
  end_busy();
}

/* ---- what works in the child ---- */

static void load_images(void) {
  for (int i = 0; i < 20; ++i) {
    spdl_buffer *buffer = media_load(parent.picture, SPDL_MEDIA_IMAGE);
    MEDIA_CHECK_SHAPE(buffer, PICTURE_HEIGHT, PICTURE_WIDTH, 3);
    spdl_buffer_free(buffer);
  }
  spdl_buffer *video = media_load(parent.video, SPDL_MEDIA_VIDEO);
  media_check_equal(video, parent.buffer);
  spdl_buffer_free(video);
}

static void load_images_through_a_queue(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  for (uint64_t tag = 0; tag < 100; ++tag)
    CHECK_OK(
        spdl_source_load_submit(queue, tag, parent.picture, SPDL_MEDIA_IMAGE, NULL, NULL, ERR));
  for (int i = 0; i < 100; ++i) {
    const job_end end = job_collect(queue);
    job_check_end(&end, end.completion.tag, SPDL_OK);
  }
  const spdl_source *sources[] = {parent.picture, parent.picture};
  CHECK_OK(spdl_batch_load_submit(queue, 1, sources, 2, NULL, NULL, ERR));
  job_expect(queue, 1, SPDL_OK);
  spdl_queue_free(queue);
}

static void use_values(void) {
  spdl_frames *frames = media_decode(parent.packets, NULL);
  spdl_buffer *decoded = media_convert(frames);
  spdl_buffer *converted = media_convert(parent.frames);
  media_check_equal(decoded, parent.buffer);
  media_check_equal(converted, parent.buffer);
  spdl_buffer_free(decoded);
  spdl_buffer_free(converted);
  spdl_frames_free(frames);
}

static void use_a_pool_of_its_own(void) {
  CHECK_OK(spdl_pool_set_num_threads(NULL, 2, ERR));
  CHECK_EQ(spdl_pool_get_num_threads(NULL), 2);
  spdl_pool *pool = job_pool(2);
  spdl_queue *queue = job_queue(pool, 0);
  job_gate gate = job_gate_submit(queue, 1);
  job_gate_open(&gate);
  job_expect(queue, 1, SPDL_OK);
  job_gate_free(&gate);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

static void child_loads(void) { in_child_of_busy_parent(load_images); }
static void child_loads_through_a_queue(void) {
  in_child_of_busy_parent(load_images_through_a_queue);
}
static void child_uses_values(void) { in_child_of_busy_parent(use_values); }
static void child_uses_a_pool_of_its_own(void) { in_child_of_busy_parent(use_a_pool_of_its_own); }

/* The child of a child, as a data loader's worker may be. */
static void load_in_grandchild(void) {
  load_images_through_a_queue();
  in_child(load_images_through_a_queue);
}
static void grandchild_loads(void) { in_child_of_busy_parent(load_in_grandchild); }

/* ---- what does not ---- */

static void use_what_is_the_parents(void) {
  spdl_completion completion = {.struct_size = sizeof(completion)};
  spdl_queue *queues[] = {parent.queue, parent.shared_pool_queue};
  for (int i = 0; i < 2; ++i) {
    spdl_queue *queue = queues[i];
    CHECK_STATUS(SPDL_E_FORKED, spdl_queue_next(queue, &completion, ERR));
    CHECK_STATUS(SPDL_E_FORKED, spdl_queue_wait(queue, -1, ERR));
    CHECK_STATUS(SPDL_E_FORKED, spdl_queue_cancel(queue, 100, ERR));
    CHECK_STATUS(SPDL_E_FORKED, spdl_source_load_submit(queue, 1, parent.picture, SPDL_MEDIA_IMAGE,
                                                        NULL, NULL, ERR));
  }
  spdl_queue *queue = NULL;
  CHECK_STATUS(SPDL_E_FORKED, spdl_queue_create(parent.pool, NULL, &queue, ERR));
  CHECK_STATUS(SPDL_E_FORKED, spdl_pool_set_num_threads(parent.pool, 3, ERR));
  spdl_packets *packets = NULL;
  CHECK_STATUS(SPDL_E_FORKED,
               spdl_demuxer_demux(parent.demuxer, SPDL_MEDIA_VIDEO, NULL, NULL, &packets, ERR));
  spdl_frames *frames = NULL;
  CHECK_STATUS(SPDL_E_FORKED, spdl_filter_graph_flush(parent.graph, NULL, ERR));
  CHECK_STATUS(SPDL_E_FORKED, spdl_filter_graph_get_frames(parent.graph, NULL, NULL, &frames, ERR));
  CHECK_STATUS(SPDL_E_FORKED,
               spdl_filter_graph_add_frames(parent.graph, NULL, parent.frames, NULL, ERR));
  spdl_feed_request request = {.struct_size = sizeof(request)};
  CHECK_STATUS(SPDL_E_FORKED, spdl_source_feed_wait(parent.gate.source, -1, &request, ERR));
  CHECK_STATUS(SPDL_E_FORKED, spdl_source_feed_put(parent.gate.source, NULL, 0, 0, ERR));
  spdl_source_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_source_get_info(parent.gate.source, &info, ERR));
  CHECK_EQ(info.flags, SPDL_SOURCE_OVER);
  spdl_source_free(parent.gate.source);
  CHECK(queue == NULL && packets == NULL && frames == NULL);
}
static void child_is_refused_the_parents(void) { in_child_of_busy_parent(use_what_is_the_parents); }

/* The child ends its handles of the parent's things; the parent notices nothing. */
static void free_what_is_the_parents(void) {
  spdl_queue_close(parent.queue);
  spdl_queue_free(parent.queue);
  spdl_queue_free(parent.shared_pool_queue);
  spdl_pool_free(parent.pool);
  spdl_demuxer_free(parent.demuxer);
  spdl_filter_graph_free(parent.graph);
  spdl_packets_free(parent.packets);
  spdl_frames_free(parent.frames);
  spdl_buffer_free(parent.buffer);
  spdl_source_free(parent.video);
  load_images_through_a_queue();
}
static void child_frees_the_parents(void) { in_child_of_busy_parent(free_what_is_the_parents); }

/* ---- forking while everything is under way ---- */

static void load_one(void) {
  spdl_buffer *buffer = media_load(parent.picture, SPDL_MEDIA_IMAGE);
  spdl_buffer_free(buffer);
  load_images_through_a_queue();
}

/* fork() does not wait for the workers, whatever they wait for. */
static void fork_takes_no_time(void) {
  make_busy();
  fflush(NULL);
  const int64_t start = check_now_ns();
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  CHECK(check_now_ns() - start < 500 * MILLISECONDS * CHECK_SLOWDOWN);
  CHECK_EQ(waitpid(pid, NULL, 0), pid);
  end_busy();
}

/* The forks fall into whatever the workers do at the moment. */
static void twenty_forks(void) {
  make_busy();
  for (int i = 0; i < 20; ++i) {
    for (uint64_t tag = 0; tag < 20; ++tag)
      CHECK_OK(spdl_source_load_submit(parent.queue, tag, parent.picture, SPDL_MEDIA_IMAGE, NULL,
                                       NULL, ERR));
    in_child(load_one);
    for (int k = 0; k < 20; ++k) {
      const job_end end = job_collect(parent.queue);
      job_check_end(&end, end.completion.tag, SPDL_OK);
    }
  }
  end_busy();
}

CHECK_MAIN(CHECK_TEST(child_loads), CHECK_TEST(child_loads_through_a_queue),
           CHECK_TEST(child_uses_values), CHECK_TEST(child_uses_a_pool_of_its_own),
           CHECK_TEST(grandchild_loads), CHECK_TEST(child_is_refused_the_parents),
           CHECK_TEST(child_frees_the_parents), CHECK_TEST(fork_takes_no_time),
           CHECK_TEST(twenty_forks))
