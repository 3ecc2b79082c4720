/* SPDX-License-Identifier: BSD-2-Clause */
/* Many threads on the same handles: queues, values, machines. ThreadSanitizer's main course. */
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

enum { NUM_THREADS = 8, JOBS_PER_THREAD = 60 };

static void start_all(pthread_t *threads, int num, void *(*run)(void *), void *argument) {
  for (int i = 0; i < num; ++i) CHECK_EQ(pthread_create(&threads[i], NULL, run, argument), 0);
}

static void join_all(pthread_t *threads, int num) {
  for (int i = 0; i < num; ++i) {
    void *problem = NULL;
    CHECK_EQ(pthread_join(threads[i], &problem), 0);
    if (problem) check_fail(__FILE__, __LINE__, "on a thread: %s", (const char *)problem);
  }
}

/* ---- eight threads submit to one queue ---- */

static struct {
  spdl_queue *queue;
  spdl_source *source;
  atomic_uint_fast64_t next_tag;
  atomic_int num_refused;
} crowd;

static void *submit_jobs(void *unused) {
  for (int i = 0; i < JOBS_PER_THREAD; ++i) {
    const uint64_t tag = atomic_fetch_add(&crowd.next_tag, 1);
    for (;;) {
      const spdl_status status = spdl_source_load_submit(crowd.queue, tag, crowd.source,
                                                         SPDL_MEDIA_IMAGE, NULL, NULL, NULL);
      if (status == SPDL_OK) break;
      if (status != SPDL_AGAIN) return "a submission failed";
      atomic_fetch_add(&crowd.num_refused, 1);
      check_sleep_ms(1);
    }
  }
  return unused;
}

static void submit_from_eight_threads(void) {
  media_bytes picture = media_make_ppm(16, 16);
  unsigned char seen[NUM_THREADS * JOBS_PER_THREAD] = {0};
  pthread_t threads[NUM_THREADS];
  crowd.queue = job_queue(NULL, 20); /* Smaller than the crowd wants. */
  crowd.source = media_open_bytes(&picture, 1);
  atomic_store(&crowd.next_tag, 0);
  start_all(threads, NUM_THREADS, submit_jobs, NULL);
  for (size_t i = 0; i < sizeof(seen); ++i) {
    const job_end end = job_collect(crowd.queue);
    CHECK(end.completion.tag < sizeof(seen) && seen[end.completion.tag]++ == 0);
    job_check_end(&end, end.completion.tag, SPDL_OK);
  }
  join_all(threads, NUM_THREADS);
  job_check_none_ready(crowd.queue);
  spdl_source_free(crowd.source);
  check_tag_released(1);
  media_free(&picture);
  spdl_queue_free(crowd.queue);
}

/* ---- four submit, four collect, one cancels ---- */

static atomic_int num_collected;

static void *collect_jobs(void *unused) {
  while (atomic_load(&num_collected) < 4 * JOBS_PER_THREAD) {
    spdl_completion done = {.struct_size = sizeof(done)};
    if (spdl_queue_wait(crowd.queue, 5 * MILLISECONDS, NULL) != SPDL_OK) continue;
    if (spdl_queue_next(crowd.queue, &done, NULL) != SPDL_OK) continue;
    if (done.status != SPDL_OK && done.status != SPDL_E_CANCELLED) return "a job failed";
    job_free_result(&done);
    atomic_fetch_add(&num_collected, 1);
  }
  return unused;
}

static void *cancel_jobs(void *unused) {
  while (atomic_load(&num_collected) < 4 * JOBS_PER_THREAD) {
    const uint64_t next = atomic_load(&crowd.next_tag);
    spdl_queue_cancel(crowd.queue, next ? next - 1 : 0, NULL);
    check_sleep_ms(1);
  }
  return unused;
}

static void collect_on_four_threads(void) {
  media_bytes picture = media_make_ppm(16, 16);
  pthread_t submitters[4], collectors[4], canceller[1];
  crowd.queue = job_queue(NULL, 50);
  crowd.source = media_open_bytes(&picture, 1);
  atomic_store(&crowd.next_tag, 0);
  atomic_store(&num_collected, 0);
  start_all(submitters, 4, submit_jobs, NULL);
  start_all(collectors, 4, collect_jobs, NULL);
  start_all(canceller, 1, cancel_jobs, NULL);
  join_all(submitters, 4);
  join_all(collectors, 4);
  join_all(canceller, 1);
  CHECK_EQ(atomic_load(&num_collected), 4 * JOBS_PER_THREAD);
  job_check_none_ready(crowd.queue);
  spdl_source_free(crowd.source);
  check_tag_released(1);
  media_free(&picture);
  spdl_queue_free(crowd.queue);
}

/* ---- values are shared, machines say that they are in use ---- */

static struct {
  spdl_packets *packets;
  spdl_buffer *reference;
  spdl_demuxer *demuxer;
  atomic_int num_busy;
  atomic_int num_done;
} shared;

static void *decode_the_same_packets(void *unused) {
  for (int i = 0; i < 3; ++i) {
    spdl_frames *frames = media_decode(shared.packets, NULL);
    spdl_buffer *buffer = media_convert(frames);
    media_check_equal(buffer, shared.reference);
    spdl_buffer_free(buffer);
    spdl_frames_free(frames);
  }
  return unused;
}

static void values_on_eight_threads(void) {
  spdl_source *source = media_open(VIDEO_MP4);
  shared.packets = media_demux(source, SPDL_MEDIA_VIDEO);
  shared.reference = media_load(source, SPDL_MEDIA_VIDEO);
  pthread_t threads[NUM_THREADS];
  start_all(threads, NUM_THREADS, decode_the_same_packets, NULL);
  join_all(threads, NUM_THREADS);
  spdl_packets_free(shared.packets);
  spdl_buffer_free(shared.reference);
  spdl_source_free(source);
}

static void *demux_the_same_source(void *unused) {
  for (int i = 0; i < 50; ++i) {
    spdl_packets *packets = NULL;
    const spdl_status status =
        spdl_demuxer_demux(shared.demuxer, SPDL_MEDIA_VIDEO, NULL, NULL, &packets, NULL);
    if (status == SPDL_E_BUSY) {
      atomic_fetch_add(&shared.num_busy, 1);
      continue;
    }
    if (status != SPDL_OK) return "a demux failed";
    spdl_packets_info info = {.struct_size = sizeof(info)};
    CHECK_OK(spdl_packets_get_info(packets, &info, ERR));
    spdl_packets_free(packets);
    if (info.num_packets != 50) return "packets are missing";
    atomic_fetch_add(&shared.num_done, 1);
  }
  return unused;
}

static void demuxer_on_four_threads(void) {
  spdl_source *source = media_open(VIDEO_MP4);
  CHECK_OK(spdl_demuxer_open(source, NULL, NULL, &shared.demuxer, ERR));
  pthread_t threads[4];
  start_all(threads, 4, demux_the_same_source, NULL);
  join_all(threads, 4);
  CHECK_EQ(atomic_load(&shared.num_busy) + atomic_load(&shared.num_done), 200);
  CHECK(atomic_load(&shared.num_done) > 0);
  spdl_demuxer_free(shared.demuxer);
  spdl_source_free(source);
}

/* A demuxer that a job holds up. */
static void busy_demuxer(void) {
  media_bytes video = media_read(PICTURES_NUT);
  media_repeat(&video, 1);
  job_feeder feeder = {.data = video.data, .size = video.size};
  CHECK_OK(spdl_source_from_feed((int64_t)video.size, "fed", &feeder.source, ERR));
  spdl_queue *queue = job_queue(NULL, 0);
  CHECK_OK(spdl_demuxer_open_submit(queue, 1, feeder.source, NULL, NULL, ERR));
  spdl_feed_request request = {.struct_size = sizeof(request)};
  /* Feed until the demuxer is open, and no further. */
  while (spdl_queue_wait(queue, 0, NULL) != SPDL_OK) {
    if (spdl_source_feed_wait(feeder.source, 5 * MILLISECONDS, &request, NULL) != SPDL_OK) continue;
    const size_t offset = (size_t)request.offset;
    size_t count = offset < video.size ? video.size - offset : 0;
    if (count > (size_t)request.size) count = (size_t)request.size;
    if (count > 100) count = 100;
    CHECK_OK(spdl_source_feed_put(feeder.source, video.data + offset, count, 0, ERR));
  }
  job_end end = job_collect(queue);
  CHECK_EQ(end.completion.kind, SPDL_KIND_DEMUXER);
  spdl_demuxer *demuxer = end.completion.result;
  CHECK_OK(spdl_demuxer_demux_submit(queue, 2, demuxer, SPDL_MEDIA_VIDEO, NULL, NULL, ERR));
  CHECK_OK(spdl_source_feed_wait(feeder.source, PATIENCE, &request, ERR));
  spdl_packets *packets = NULL;
  CHECK_STATUS(SPDL_E_BUSY,
               spdl_demuxer_demux(demuxer, SPDL_MEDIA_VIDEO, NULL, NULL, &packets, ERR));
  CHECK(packets == NULL);
  spdl_demuxer_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_demuxer_get_info(demuxer, &info, ERR)); /* What is known already still is. */
  spdl_demuxer_free(demuxer);                           /* The job keeps it. */
  job_feeder_serve(&feeder);
  job_expect(queue, 2, SPDL_OK);
  spdl_source_free(feeder.source);
  spdl_queue_free(queue);
  media_free(&video);
}

/* ---- the same bytes from any number of workers ---- */

static void batch_on_pools_of_different_sizes(void) {
  enum { NUM_SOURCES = 48 };
  static const char *const files[] = {PICTURE_JPG, PICTURE_PNG, VIDEO_MP4};
  static const uint32_t sizes[] = {1, 2, 8};
  const spdl_source *sources[NUM_SOURCES];
  spdl_source *opened[3];
  for (int i = 0; i < 3; ++i) opened[i] = media_open(files[i]);
  for (int i = 0; i < NUM_SOURCES; ++i) sources[i] = opened[i % 3];
  const spdl_batch_options options = {
      .struct_size = sizeof(options), .width = 60, .height = 44, .pix_fmt = "rgb24"};
  spdl_batch *batch = NULL;
  spdl_buffer *reference = NULL;
  CHECK_OK(spdl_batch_load(sources, NUM_SOURCES, &options, NULL, &batch, ERR));
  CHECK_OK(spdl_batch_get_buffer(batch, &reference, ERR));
  spdl_batch_free(batch);
  for (int i = 0; i < 3; ++i) {
    spdl_pool *pool = job_pool(sizes[i]);
    spdl_queue *queue = job_queue(pool, 0);
    for (uint64_t tag = 0; tag < 2; ++tag) /* Two batches at a time share the workers. */
      CHECK_OK(spdl_batch_load_submit(queue, tag, sources, NUM_SOURCES, &options, NULL, ERR));
    for (int k = 0; k < 2; ++k) {
      const job_end end = job_collect(queue);
      spdl_buffer *buffer = NULL;
      CHECK_OK(spdl_batch_get_buffer(end.completion.result, &buffer, ERR));
      media_check_equal(buffer, reference);
      spdl_buffer_free(buffer);
      job_check_end(&end, end.completion.tag, SPDL_OK);
    }
    spdl_queue_free(queue);
    spdl_pool_free(pool);
  }
  spdl_buffer_free(reference);
  for (int i = 0; i < 3; ++i) spdl_source_free(opened[i]);
}

CHECK_MAIN(CHECK_TEST(submit_from_eight_threads), CHECK_TEST(collect_on_four_threads),
           CHECK_TEST(values_on_eight_threads), CHECK_TEST(demuxer_on_four_threads),
           CHECK_TEST(busy_demuxer), CHECK_TEST(batch_on_pools_of_different_sizes))
