/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/source.h: sources whose bytes the caller feeds. */
#include <errno.h>
#include <stdlib.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

static job_feeder make_feeder(const media_bytes *bytes, int64_t size) {
  job_feeder feeder = {.data = bytes->data, .size = bytes->size};
  CHECK_OK(spdl_source_from_feed(size, "fed", &feeder.source, ERR));
  return feeder;
}

/* Loads on this thread what another one feeds, and compares with the memory's own load. */
static void check_fed_load(const media_bytes *bytes, job_feeder *feeder, int32_t media) {
  spdl_source *reference_source = media_open_bytes(bytes, 1);
  spdl_buffer *reference = media_load(reference_source, media);
  job_feeder_start(feeder);
  spdl_buffer *buffer = media_load(feeder->source, media);
  job_feeder_join(feeder);
  media_check_equal(buffer, reference);
  spdl_buffer_free(buffer);
  spdl_buffer_free(reference);
  spdl_source_free(reference_source);
  spdl_source_free(feeder->source);
  check_tag_released(1);
}

static void sequential(void) {
  media_bytes picture = media_read(PICTURE_JPG);
  media_bytes sound = media_make_wav(8000, 2, 8000);
  job_feeder feeder = make_feeder(&picture, -1);
  check_fed_load(&picture, &feeder, SPDL_MEDIA_IMAGE);
  CHECK_EQ(feeder.num_seeks, 0);
  feeder = make_feeder(&sound, -1);
  check_fed_load(&sound, &feeder, SPDL_MEDIA_AUDIO);
  CHECK_EQ(feeder.num_seeks, 0);
  media_free(&picture);
  media_free(&sound);
}

/* The index of the mp4 lies at its end. */
static void seekable(void) {
  media_bytes video = media_read(VIDEO_MP4);
  job_feeder feeder = make_feeder(&video, (int64_t)video.size);
  check_fed_load(&video, &feeder, SPDL_MEDIA_VIDEO);
  media_free(&video);
}

static void seeks_are_asked_for(void) {
  media_bytes video = media_read(VIDEO_MP4);
  /* A free box of 4 MB in front of the index, so that no read-ahead covers the way to it. */
  const size_t gap = 4u << 20;
  unsigned char *moov = NULL;
  for (size_t i = 0; i + 4 < video.size && !moov; ++i)
    if (memcmp(video.data + i, "moov", 4) == 0) moov = video.data + i - 4;
  CHECK(moov != NULL);
  const size_t head = (size_t)(moov - video.data);
  media_bytes wide = {calloc(1, video.size + gap), video.size + gap};
  memcpy(wide.data, video.data, head);
  wide.data[head + 1] = (unsigned char)(gap >> 16);
  memcpy(wide.data + head + 4, "free", 4);
  memcpy(wide.data + head + gap, moov, video.size - head);
  job_feeder feeder = make_feeder(&wide, (int64_t)wide.size);
  check_fed_load(&wide, &feeder, SPDL_MEDIA_VIDEO);
  CHECK(feeder.num_seeks > 0);
  media_free(&wide);
  media_free(&video);
}

static void short_answers(void) {
  static const size_t lengths[] = {1, 7, 1000};
  media_bytes picture = media_make_ppm(16, 16);
  media_bytes video = media_read(PICTURES_NUT);
  for (size_t i = 0; i < 3; ++i) {
    job_feeder feeder = make_feeder(&picture, (int64_t)picture.size);
    feeder.max_bytes = lengths[i];
    check_fed_load(&picture, &feeder, SPDL_MEDIA_IMAGE);
    CHECK(feeder.num_answers >= (int64_t)(picture.size / lengths[i]));
    feeder = make_feeder(&video, -1);
    feeder.max_bytes = lengths[i];
    check_fed_load(&video, &feeder, SPDL_MEDIA_VIDEO);
  }
  media_free(&picture);
  media_free(&video);
}

static void failing_feed(void) {
  media_bytes video = media_read(VIDEO_MP4);
  static const int64_t offsets[] = {1, 2000, 40000};
  for (size_t i = 0; i < 3; ++i) {
    job_feeder feeder = make_feeder(&video, (int64_t)video.size);
    feeder.max_bytes = 1000;
    feeder.fail_at = offsets[i];
    job_feeder_start(&feeder);
    spdl_buffer *buffer = NULL;
    CHECK_ERROR(SPDL_E_IO, "fed",
                spdl_source_load(feeder.source, SPDL_MEDIA_VIDEO, NULL, NULL, &buffer, ERR));
    CHECK_EQ(check_last_error()->native_code, -EIO);
    CHECK(strstr(check_last_error()->message, "Input/output error") != NULL);
    job_feeder_join(&feeder);
    spdl_source_free(feeder.source);
  }
  media_free(&video);
}

/* The input ends long before the size that was promised. */
static void early_end(void) {
  media_bytes video = media_read(VIDEO_MP4);
  job_feeder feeder = make_feeder(&video, (int64_t)video.size);
  feeder.size = 100;
  job_feeder_start(&feeder);
  spdl_buffer *buffer = NULL;
  CHECK_ERROR(SPDL_E_CORRUPT, "input: fed",
              spdl_source_load(feeder.source, SPDL_MEDIA_VIDEO, NULL, NULL, &buffer, ERR));
  job_feeder_join(&feeder);
  spdl_source_free(feeder.source);
  media_free(&video);
}

static void wait_timeouts(void) {
  spdl_source *source = NULL;
  spdl_feed_request request = {.struct_size = sizeof(request), .offset = 55};
  CHECK_OK(spdl_source_from_feed(10, NULL, &source, ERR));
  CHECK_STATUS(SPDL_AGAIN, spdl_source_feed_wait(source, 0, &request, ERR));
  const int64_t start = check_now_ns();
  CHECK_STATUS(SPDL_AGAIN, spdl_source_feed_wait(source, 30 * MILLISECONDS, &request, ERR));
  const int64_t took = check_now_ns() - start;
  CHECK(took >= 30 * MILLISECONDS && took < 300 * MILLISECONDS * CHECK_SLOWDOWN);
  CHECK_EQ(request.offset, 55);
  spdl_source_free(source);
}

/* A request stays open until it is answered as it must be. */
static void answers_that_do_not_fit(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  job_gate gate = job_gate_make();
  const unsigned char *data = gate.picture.data;
  CHECK_STATUS(SPDL_E_INVALID, spdl_source_feed_put(gate.source, data, 1, 0, ERR));
  CHECK_OK(job_gate_try_submit(&gate, queue, 1, NULL, ERR));
  spdl_feed_request request = {.struct_size = sizeof(request)};
  CHECK_OK(spdl_source_feed_wait(gate.source, PATIENCE, &request, ERR));
  CHECK_EQ(request.offset, 0);
  CHECK(request.size > 0);
  unsigned char *much = calloc(1, (size_t)request.size + 1);
  CHECK_STATUS(SPDL_E_INVALID,
               spdl_source_feed_put(gate.source, much, (size_t)request.size + 1, 0, ERR));
  free(much);
  spdl_feed_request again = {.struct_size = sizeof(again)};
  CHECK_OK(spdl_source_feed_wait(gate.source, 0, &again, ERR));
  CHECK(again.offset == request.offset && again.size == request.size);
  job_gate_open(&gate);
  job_expect(queue, 1, SPDL_OK);
  job_gate_free(&gate);
  spdl_queue_free(queue);
}

static int is_over(const spdl_source *source) {
  spdl_source_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_source_get_info(source, &info, ERR));
  CHECK_EQ(info.flags & ~(uint32_t)SPDL_SOURCE_OVER, 0);
  return info.flags == SPDL_SOURCE_OVER;
}

static void end_of_the_operation(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  job_gate gate = job_gate_make();
  CHECK(!is_over(gate.source));
  CHECK_OK(job_gate_try_submit(&gate, queue, 1, NULL, ERR));
  job_gate_wait_running(&gate);
  CHECK(!is_over(gate.source));
  job_gate_open(&gate);
  spdl_feed_request request = {.struct_size = sizeof(request)};
  for (int i = 0; i < 3; ++i)
    CHECK_STATUS(SPDL_EOF, spdl_source_feed_wait(gate.source, -1, &request, ERR));
  job_expect(queue, 1, SPDL_OK);
  CHECK(is_over(gate.source));
  CHECK_STATUS(SPDL_EOF, spdl_source_feed_wait(gate.source, -1, &request, ERR));
  job_gate_free(&gate);
  spdl_queue_free(queue);
}

/* Whoever feeds need not know how the operation ended: the wait says so in every case. */
static void end_of_a_cancelled_operation(void) {
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  job_gate running = job_gate_submit(queue, 1);
  job_gate waiting = job_gate_submit(queue, 2);
  job_gate_wait_running(&running);
  CHECK_OK(spdl_queue_cancel(queue, 2, ERR));
  job_gate_wait_end(&waiting);
  CHECK_OK(spdl_queue_cancel(queue, 1, ERR));
  job_expect(queue, 2, SPDL_E_CANCELLED);
  job_expect(queue, 1, SPDL_E_CANCELLED);
  job_gate_wait_end(&running);
  CHECK_STATUS(SPDL_EOF, spdl_source_feed_put(running.source, "P6", 2, 0, ERR));
  job_gate_free(&running);
  job_gate_free(&waiting);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

/* Nothing is read if the time is over before the operation begins. */
static void end_of_an_operation_that_never_reads(void) {
  spdl_cancel *cancel = NULL;
  spdl_buffer *buffer = NULL;
  spdl_batch *batch = NULL;
  CHECK_OK(spdl_cancel_create(&cancel, ERR));
  spdl_cancel_trigger(cancel);
  const spdl_limits limits = {.struct_size = sizeof(limits), .cancel = cancel};
  job_gate gates[2] = {job_gate_make(), job_gate_make()};
  const spdl_source *second = gates[1].source;
  CHECK_STATUS(SPDL_E_CANCELLED,
               spdl_source_load(gates[0].source, SPDL_MEDIA_IMAGE, NULL, &limits, &buffer, ERR));
  CHECK_STATUS(SPDL_E_CANCELLED, spdl_batch_load(&second, 1, NULL, &limits, &batch, ERR));
  for (int i = 0; i < 2; ++i) {
    CHECK(is_over(gates[i].source));
    job_gate_wait_end(&gates[i]);
    job_gate_free(&gates[i]);
  }
  spdl_cancel_free(cancel);
}

/* Nor does one that fails before it starts. */
static void end_of_an_operation_with_wrong_options(void) {
  spdl_source *source = NULL;
  CHECK_OK(spdl_source_from_feed(-1, NULL, &source, ERR));
  const spdl_load_options options = {.struct_size = sizeof(options), .flags = 1u << 31};
  spdl_buffer *buffer = NULL;
  CHECK_STATUS(SPDL_E_INVALID,
               spdl_source_load(source, SPDL_MEDIA_IMAGE, &options, NULL, &buffer, ERR));
  spdl_feed_request request = {.struct_size = sizeof(request)};
  CHECK_STATUS(SPDL_EOF, spdl_source_feed_wait(source, PATIENCE, &request, ERR));
  spdl_source_free(source);
}

/* The same of a batch, whatever is wrong with it: what was there before is not read. */
static void end_of_a_batch_with_wrong_options(void) {
  const spdl_batch_options unknown_flag = {.struct_size = sizeof(unknown_flag), .flags = 1u << 31};
  const spdl_batch_options wrong_format = {.struct_size = sizeof(wrong_format),
                                           .pix_fmt = "no_such_format"};
  const spdl_batch_options *const options[] = {&unknown_flag, &wrong_format, NULL};
  for (int i = 0; i < 3; ++i) {
    spdl_source *source = NULL;
    spdl_batch *batch = NULL;
    CHECK_OK(spdl_source_from_feed(-1, NULL, &source, ERR));
    const spdl_source *const with_hole[] = {source, NULL};
    CHECK(spdl_batch_load(with_hole, options[i] ? 1 : 2, options[i], NULL, &batch, ERR) < 0);
    spdl_feed_request request = {.struct_size = sizeof(request)};
    CHECK_STATUS(SPDL_EOF, spdl_source_feed_wait(source, PATIENCE, &request, ERR));
    spdl_source_free(source);
  }
}

/* A submission that is refused leaves the source as it was: it can be tried again. */
static void refused_submission(void) {
  spdl_queue *queue = job_queue(NULL, 1);
  job_gate first = job_gate_submit(queue, 1);
  job_gate second = job_gate_make();
  CHECK_STATUS(SPDL_AGAIN, job_gate_try_submit(&second, queue, 2, NULL, ERR));
  job_gate_check_waiting(&second);
  job_gate_open(&first);
  job_expect(queue, 1, SPDL_OK);
  CHECK_OK(job_gate_try_submit(&second, queue, 2, NULL, ERR));
  job_gate_open(&second);
  job_expect(queue, 2, SPDL_OK);
  job_gate_free(&first);
  job_gate_free(&second);
  spdl_queue_free(queue);
}

static void feeder_leaves(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  job_gate gate = job_gate_submit(queue, 1);
  job_gate_wait_running(&gate);
  job_gate_free(&gate);
  job_end end = job_collect(queue);
  CHECK(strstr(end.error.message, "input: gate") != NULL);
  job_check_end(&end, 1, SPDL_E_IO);
  gate = job_gate_submit(queue, 2); /* Leaves before, or while, the job starts. */
  job_gate_free(&gate);
  job_expect(queue, 2, SPDL_E_IO);
  spdl_queue_free(queue);
}

static void *wait_and_leave(void *source) {
  spdl_feed_request request = {.struct_size = sizeof(request)};
  const spdl_status status = spdl_source_feed_wait(source, PATIENCE, &request, NULL);
  spdl_source_free(source);
  return status == SPDL_OK ? NULL : "nothing was asked for";
}

/* The handle is freed while another thread is inside of the operation. */
static void feeder_leaves_a_blocking_operation(void) {
  spdl_source *source = NULL;
  spdl_buffer *buffer = NULL;
  pthread_t thread;
  CHECK_OK(spdl_source_from_feed(1000, NULL, &source, ERR));
  CHECK_EQ(pthread_create(&thread, NULL, wait_and_leave, source), 0);
  CHECK_STATUS(SPDL_E_IO, spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, ERR));
  void *problem = NULL;
  pthread_join(thread, &problem);
  CHECK(problem == NULL);
}

static void one_operation_at_a_time(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  job_gate gate = job_gate_submit(queue, 1);
  job_gate_wait_running(&gate);
  spdl_buffer *buffer = NULL;
  CHECK_ERROR(SPDL_E_BUSY, "gate",
              spdl_source_load(gate.source, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, ERR));
  spdl_demuxer *demuxer = NULL;
  CHECK_STATUS(SPDL_E_BUSY, spdl_demuxer_open(gate.source, NULL, NULL, &demuxer, ERR));
  CHECK(buffer == NULL && demuxer == NULL);
  job_gate_open(&gate); /* The first is not disturbed. */
  job_expect(queue, 1, SPDL_OK);
  job_gate_free(&gate);
  spdl_queue_free(queue);
}

/* Waiting for input ends when the operation's time does. */
static void deadline_while_waiting_for_input(void) {
  spdl_source *source = NULL;
  spdl_buffer *buffer = NULL;
  const spdl_limits limits = {.struct_size = sizeof(limits), .timeout_ns = 50 * MILLISECONDS};
  CHECK_OK(spdl_source_from_feed(-1, NULL, &source, ERR));
  const int64_t start = check_now_ns();
  CHECK_STATUS(SPDL_E_DEADLINE,
               spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, &limits, &buffer, ERR));
  const int64_t took = check_now_ns() - start;
  CHECK(took >= 45 * MILLISECONDS && took < 250 * MILLISECONDS * CHECK_SLOWDOWN);
  spdl_source_free(source);
}

CHECK_MAIN(CHECK_TEST(sequential), CHECK_TEST(seekable), CHECK_TEST(seeks_are_asked_for),
           CHECK_TEST(short_answers), CHECK_TEST(failing_feed), CHECK_TEST(early_end),
           CHECK_TEST(wait_timeouts), CHECK_TEST(answers_that_do_not_fit),
           CHECK_TEST(end_of_the_operation), CHECK_TEST(end_of_a_cancelled_operation),
           CHECK_TEST(end_of_an_operation_that_never_reads),
           CHECK_TEST(end_of_an_operation_with_wrong_options),
           CHECK_TEST(end_of_a_batch_with_wrong_options), CHECK_TEST(refused_submission),
           CHECK_TEST(feeder_leaves), CHECK_TEST(feeder_leaves_a_blocking_operation),
           CHECK_TEST(one_operation_at_a_time), CHECK_TEST(deadline_while_waiting_for_input))
