/* SPDX-License-Identifier: BSD-2-Clause */
/* A demuxer whose operation ran out of time goes on with the next one, although its source is slow:
 * an answer that comes too late is not taken for that to another request. */
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

/* Longer than the operation's time, and shorter than the next operation waits. */
#define LATE_MS 300
static const spdl_limits short_time = {.struct_size = sizeof(short_time),
                                       .timeout_ns = 100 * MILLISECONDS};

/* Answers at once, but for the next request after `is_late` was set. */
typedef struct slow_feeder {
  job_feeder feeder;
  atomic_bool is_late;
} slow_feeder;

static void *serve(void *data) {
  slow_feeder *slow = data;
  const job_feeder *feeder = &slow->feeder;
  spdl_feed_request request = {.struct_size = sizeof(request)};
  spdl_status status;
  while ((status = spdl_source_feed_wait(feeder->source, PATIENCE, &request, NULL)) == SPDL_OK) {
    if (atomic_exchange(&slow->is_late, 0)) check_sleep_ms(LATE_MS);
    const size_t offset = (size_t)request.offset;
    size_t count = offset < feeder->size ? feeder->size - offset : 0;
    if (count > (size_t)request.size) count = (size_t)request.size;
    spdl_source_feed_put(feeder->source, feeder->data + offset, count, 0, NULL);
  }
  CHECK_EQ(status, SPDL_EOF);
  return NULL;
}

static spdl_demuxer *open_slow(slow_feeder *slow, const media_bytes *bytes) {
  *slow = (slow_feeder){.feeder = {.data = bytes->data, .size = bytes->size}};
  CHECK_OK(spdl_source_from_feed((int64_t)bytes->size, "slow", &slow->feeder.source, ERR));
  CHECK_EQ(pthread_create(&slow->feeder.thread, NULL, serve, slow), 0);
  const spdl_demux_options options = {.struct_size = sizeof(options), .buffer_size = 1000};
  spdl_demuxer *demuxer = NULL;
  CHECK_OK(spdl_demuxer_open(slow->feeder.source, &options, NULL, &demuxer, ERR));
  return demuxer;
}

static void close_slow(slow_feeder *slow, spdl_demuxer *demuxer) {
  spdl_demuxer_free(demuxer);
  CHECK_EQ(pthread_join(slow->feeder.thread, NULL), 0);
  spdl_source_free(slow->feeder.source);
}

static uint32_t count_packets(spdl_packets *packets) {
  spdl_packets_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_packets_get_info(packets, &info, ERR));
  return info.num_packets;
}

static void late_answers_are_not_taken_for_others(void) {
  media_bytes video = media_read(VIDEO_MP4);
  spdl_source *source = media_open(VIDEO_MP4);
  spdl_packets *expected = media_demux(source, SPDL_MEDIA_VIDEO), *packets = NULL;
  spdl_frames *whole = media_decode(expected, NULL);
  spdl_buffer *reference = media_convert(whole);
  slow_feeder slow;
  spdl_demuxer *demuxer = open_slow(&slow, &video);
  const spdl_window end = {.struct_size = sizeof(end), .flags = SPDL_WINDOW_START, .start = {1, 1}};
  for (int i = 0; i < 3; ++i) {
    atomic_store(&slow.is_late, 1);
    const int32_t media = i == 1 ? SPDL_MEDIA_AUDIO : SPDL_MEDIA_VIDEO;
    CHECK_STATUS(SPDL_E_DEADLINE,
                 spdl_demuxer_demux(demuxer, media, i ? &end : NULL, &short_time, &packets, ERR));
    CHECK_OK(spdl_demuxer_demux(demuxer, SPDL_MEDIA_VIDEO, NULL, NULL, &packets, ERR));
    spdl_frames *frames = media_decode(packets, NULL);
    spdl_buffer *buffer = media_convert(frames);
    media_check_equal(buffer, reference);
    spdl_buffer_free(buffer);
    spdl_frames_free(frames);
    spdl_packets_free(packets);
    packets = NULL;
  }
  close_slow(&slow, demuxer);
  spdl_buffer_free(reference);
  spdl_frames_free(whole);
  spdl_packets_free(expected);
  spdl_source_free(source);
  media_free(&video);
}

/* What was read is lost with the operation, but not what comes after it. */
static void a_deadline_is_not_the_end(void) {
  media_bytes sound = media_make_wav(8000, 1, 80000);
  slow_feeder slow;
  spdl_demuxer *demuxer = open_slow(&slow, &sound);
  const int32_t stream = 0;
  const spdl_read_options one = {
      .struct_size = sizeof(one), .flags = SPDL_READ_FROM_START, .num_packets = 1};
  spdl_chunk *chunk = NULL;
  spdl_packets *packets = NULL;
  uint32_t expected = 0, num = 0;
  CHECK_OK(spdl_demuxer_demux(demuxer, SPDL_MEDIA_AUDIO, NULL, NULL, &packets, ERR));
  expected = count_packets(packets);
  spdl_packets_free(packets);
  CHECK_OK(spdl_demuxer_read(demuxer, &stream, 1, &one, NULL, &chunk, ERR));
  spdl_chunk_free(chunk);
  atomic_store(&slow.is_late, 1);
  CHECK_STATUS(SPDL_E_DEADLINE,
               spdl_demuxer_read(demuxer, &stream, 1, NULL, &short_time, &chunk, ERR));
  CHECK_OK(spdl_demuxer_read(demuxer, &stream, 1, NULL, NULL, &chunk, ERR));
  CHECK_OK(spdl_chunk_get_packets(chunk, 0, &packets, ERR));
  num = count_packets(packets);
  CHECK(num < expected && num + 3 >= expected);
  spdl_packets_free(packets);
  spdl_chunk_free(chunk);
  close_slow(&slow, demuxer);
  media_free(&sound);
}

CHECK_MAIN(CHECK_TEST(late_answers_are_not_taken_for_others), CHECK_TEST(a_deadline_is_not_the_end))
