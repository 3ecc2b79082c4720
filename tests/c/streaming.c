/* SPDX-License-Identifier: BSD-2-Clause */
/* Sources read in chunks, and decoders that are fed chunks: together they give what one call
 * gives. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

#define NUM_FRAMES 50 /* Of VIDEO_MP4. */

static const int32_t first_stream = 0;
static const int32_t both_streams[] = {0, 1};

static spdl_demuxer *open_file(const char *name) {
  spdl_source *source = media_open(name);
  spdl_demuxer *demuxer = NULL;
  CHECK_OK(spdl_demuxer_open(source, NULL, NULL, &demuxer, ERR));
  spdl_source_free(source);
  return demuxer;
}

static uint32_t count_packets(const spdl_packets *packets) {
  spdl_packets_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_packets_get_info(packets, &info, ERR));
  return info.num_packets;
}

static uint32_t count_streams(const spdl_chunk *chunk) {
  spdl_chunk_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_chunk_get_info(chunk, &info, ERR));
  return info.num_streams;
}

static spdl_packets *packets_of(const spdl_chunk *chunk, uint32_t index) {
  spdl_packets *packets = NULL;
  CHECK_OK(spdl_chunk_get_packets(chunk, index, &packets, ERR));
  return packets;
}

/* Timestamps of all chunks equal those of one read. */
static void chunks_make_the_whole(void) {
  static const spdl_read_options rows[] = {
      {.struct_size = sizeof(spdl_read_options), .num_packets = 1},
      {.struct_size = sizeof(spdl_read_options), .num_packets = 7},
      {.struct_size = sizeof(spdl_read_options), .num_packets = 1000},
      {.struct_size = sizeof(spdl_read_options), .duration = {1, 5}},
      {.struct_size = sizeof(spdl_read_options), .duration = {INT64_MAX, 1}},
      {.struct_size = sizeof(spdl_read_options)},
  };
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  spdl_packets *whole = NULL;
  double expected[NUM_FRAMES], actual[NUM_FRAMES];
  size_t num = 0;
  CHECK_OK(spdl_demuxer_demux(demuxer, SPDL_MEDIA_VIDEO, NULL, NULL, &whole, ERR));
  CHECK_OK(
      spdl_packets_get_timestamps(whole, SPDL_TIMESTAMPS_RAW, expected, NUM_FRAMES, &num, ERR));
  CHECK_EQ(num, NUM_FRAMES);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    spdl_read_options options = rows[i];
    options.flags = SPDL_READ_FROM_START;
    size_t at = 0;
    spdl_chunk *chunk = NULL;
    while (spdl_demuxer_read(demuxer, &first_stream, 1, &options, NULL, &chunk, ERR) == SPDL_OK) {
      CHECK_EQ(count_streams(chunk), 1);
      spdl_packets *packets = packets_of(chunk, 0);
      if (options.num_packets > 0) CHECK(count_packets(packets) <= options.num_packets);
      CHECK_OK(spdl_packets_get_timestamps(packets, SPDL_TIMESTAMPS_RAW, actual + at,
                                           NUM_FRAMES - at, &num, ERR));
      at += num;
      spdl_chunk_free(chunk);
      spdl_packets_free(packets);
      options.flags = 0;
    }
    CHECK_EQ(at, NUM_FRAMES);
    CHECK_BYTES(actual, expected, sizeof(expected));
    CHECK_STATUS(SPDL_EOF,
                 spdl_demuxer_read(demuxer, &first_stream, 1, &options, NULL, &chunk, ERR));
  }
  spdl_packets_free(whole);
  spdl_demuxer_free(demuxer);
}

/* A chunk of 0.2 s of 25 Hz has 5 pictures. */
static void chunks_of_a_duration(void) {
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  const spdl_read_options options = {.struct_size = sizeof(options), .duration = {1, 5}};
  for (int i = 0; i < NUM_FRAMES / 5; ++i) {
    spdl_chunk *chunk = NULL;
    CHECK_OK(spdl_demuxer_read(demuxer, both_streams, 2, &options, NULL, &chunk, ERR));
    CHECK_EQ(count_streams(chunk), 2);
    spdl_packets *video = packets_of(chunk, 0), *audio = packets_of(chunk, 1);
    CHECK_EQ(count_packets(video), 5);
    CHECK(count_packets(audio) >= 7 && count_packets(audio) <= 10); /* 1024 samples each. */
    spdl_packets_free(video);
    spdl_packets_free(audio);
    spdl_chunk_free(chunk);
  }
  spdl_demuxer_free(demuxer);
}

static spdl_decoder *open_decoder(const spdl_demuxer *demuxer, int32_t media) {
  spdl_codec *codec = NULL;
  spdl_decoder *decoder = NULL;
  CHECK_OK(spdl_demuxer_get_codec(demuxer, media, &codec, ERR));
  CHECK_OK(spdl_decoder_open(codec, NULL, &decoder, ERR));
  spdl_codec_free(codec);
  return decoder;
}

/* Append the samples or pixels of all frames that are ready. */
static void pull_all(const spdl_decoder *decoder, int64_t num_frames, media_bytes *to) {
  spdl_frames *frames = NULL;
  spdl_status status;
  while ((status = spdl_decoder_pull(decoder, num_frames, NULL, &frames, ERR)) == SPDL_OK) {
    if (num_frames > 0) CHECK(media_frames_info(frames).num_frames <= num_frames);
    spdl_buffer *buffer = media_convert(frames);
    const spdl_buffer_info info = media_buffer_info(buffer);
    to->data = realloc(to->data, to->size + (size_t)info.size);
    CHECK(to->data != NULL);
    memcpy(to->data + to->size, info.data, (size_t)info.size);
    to->size += (size_t)info.size;
    spdl_buffer_free(buffer);
    spdl_frames_free(frames);
  }
  CHECK_STATUS(SPDL_EOF, status);
}

static void frames_make_the_whole(void) {
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  spdl_packets *packets = NULL;
  CHECK_OK(spdl_demuxer_demux(demuxer, SPDL_MEDIA_VIDEO, NULL, NULL, &packets, ERR));
  spdl_frames *frames = media_decode(packets, NULL);
  spdl_buffer *whole = media_convert(frames);
  spdl_decoder *decoder = open_decoder(demuxer, SPDL_MEDIA_VIDEO);
  static const int64_t counts[] = {0, 1, 5, 64};
  for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); ++i) {
    media_bytes all = {NULL, 0};
    spdl_read_options options = {
        .struct_size = sizeof(options), .flags = SPDL_READ_FROM_START, .num_packets = 9};
    spdl_chunk *chunk = NULL;
    while (spdl_demuxer_read(demuxer, &first_stream, 1, &options, NULL, &chunk, ERR) == SPDL_OK) {
      spdl_packets *piece = packets_of(chunk, 0);
      CHECK_OK(spdl_decoder_push(decoder, piece, ERR));
      spdl_packets_free(piece);
      spdl_chunk_free(chunk);
      pull_all(decoder, counts[i], &all);
      options.flags = 0;
    }
    CHECK_OK(spdl_decoder_end(decoder, ERR));
    pull_all(decoder, counts[i], &all);
    CHECK_EQ(all.size, media_buffer_info(whole).size);
    CHECK_BYTES(all.data, media_buffer_info(whole).data, all.size);
    media_free(&all);
  }
  spdl_decoder_free(decoder);
  spdl_buffer_free(whole);
  spdl_frames_free(frames);
  spdl_packets_free(packets);
  spdl_demuxer_free(demuxer);
}

/* Cancelled between two packets, a decoder goes on where it stopped. */
static void pull_goes_on_after_a_cancel(void) {
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  spdl_decoder *decoder = open_decoder(demuxer, SPDL_MEDIA_VIDEO);
  spdl_packets *packets = NULL;
  CHECK_OK(spdl_demuxer_demux(demuxer, SPDL_MEDIA_VIDEO, NULL, NULL, &packets, ERR));
  CHECK_OK(spdl_decoder_push(decoder, packets, ERR));
  CHECK_OK(spdl_decoder_end(decoder, ERR));
  spdl_cancel *cancel = NULL;
  CHECK_OK(spdl_cancel_create(&cancel, ERR));
  spdl_cancel_trigger(cancel);
  const spdl_limits limits = {.struct_size = sizeof(limits), .cancel = cancel};
  spdl_frames *frames = NULL;
  int64_t num = 0;
  while (spdl_decoder_pull(decoder, 3, NULL, &frames, ERR) == SPDL_OK) {
    num += media_frames_info(frames).num_frames;
    spdl_frames_free(frames);
    frames = NULL;
    const spdl_status status = spdl_decoder_pull(decoder, 1000, &limits, &frames, ERR);
    CHECK(status == SPDL_E_CANCELLED && frames == NULL);
  }
  CHECK_EQ(num, NUM_FRAMES);
  spdl_cancel_free(cancel);
  spdl_decoder_free(decoder);
  spdl_packets_free(packets);
  spdl_demuxer_free(demuxer);
}

/* Whenever the time is over, no packet is lost, and none is decoded twice. */
static void pull_goes_on_after_a_deadline(void) {
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  spdl_decoder *decoder = open_decoder(demuxer, SPDL_MEDIA_VIDEO);
  spdl_packets *packets = NULL;
  CHECK_OK(spdl_demuxer_demux(demuxer, SPDL_MEDIA_VIDEO, NULL, NULL, &packets, ERR));
  for (int round = 0; round < 20; ++round) {
    CHECK_OK(spdl_decoder_push(decoder, packets, ERR));
    CHECK_OK(spdl_decoder_end(decoder, ERR));
    int64_t num = 0;
    for (int64_t timeout = 100000;; timeout += 50000) {
      const spdl_limits limits = {.struct_size = sizeof(limits), .timeout_ns = timeout};
      spdl_frames *frames = NULL;
      const spdl_status status = spdl_decoder_pull(decoder, 1000, &limits, &frames, ERR);
      if (status == SPDL_EOF) break;
      if (status == SPDL_E_DEADLINE) continue;
      CHECK_STATUS(SPDL_OK, status);
      num += media_frames_info(frames).num_frames;
      CHECK_EQ(media_frames_info(frames).num_corrupt, 0);
      spdl_frames_free(frames);
    }
    CHECK_EQ(num, NUM_FRAMES);
  }
  spdl_decoder_free(decoder);
  spdl_packets_free(packets);
  spdl_demuxer_free(demuxer);
}

static void end_of_a_job(void) {
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  spdl_queue *queue = job_queue(NULL, 0);
  spdl_decoder *decoder = open_decoder(demuxer, SPDL_MEDIA_VIDEO);
  CHECK_OK(spdl_demuxer_read_submit(queue, 1, demuxer, both_streams, 2, NULL, NULL, ERR));
  job_end end = job_collect(queue);
  CHECK_EQ(end.completion.kind, SPDL_KIND_CHUNK);
  job_check_end(&end, 1, SPDL_OK);
  CHECK_OK(spdl_demuxer_read_submit(queue, 2, demuxer, both_streams, 2, NULL, NULL, ERR));
  end = job_collect(queue);
  CHECK(end.completion.result == NULL && end.completion.kind == SPDL_KIND_NONE);
  job_check_end(&end, 2, SPDL_EOF);
  CHECK_OK(spdl_decoder_pull_submit(queue, 3, decoder, 0, NULL, ERR));
  job_expect(queue, 3, SPDL_EOF);
  spdl_decoder_free(decoder);
  spdl_queue_free(queue);
  spdl_demuxer_free(demuxer);
}

static void wrong_packets(void) {
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  spdl_decoder *decoder = open_decoder(demuxer, SPDL_MEDIA_VIDEO);
  spdl_packets *audio = NULL, *all = NULL, *some = NULL;
  const spdl_window window = {
      .struct_size = sizeof(window), .flags = SPDL_WINDOW_END, .end = {1, 2}};
  CHECK_OK(spdl_demuxer_demux(demuxer, SPDL_MEDIA_AUDIO, NULL, NULL, &audio, ERR));
  CHECK_OK(spdl_demuxer_demux(demuxer, SPDL_MEDIA_VIDEO, NULL, NULL, &all, ERR));
  CHECK_OK(spdl_demuxer_demux(demuxer, SPDL_MEDIA_VIDEO, &window, NULL, &some, ERR));
  CHECK_ERROR(SPDL_E_MISMATCH, "aac", spdl_decoder_push(decoder, audio, ERR));
  CHECK_OK(spdl_decoder_push(decoder, all, ERR));
  CHECK_ERROR(SPDL_E_MISMATCH, "window", spdl_decoder_push(decoder, some, ERR));
  CHECK_OK(spdl_decoder_end(decoder, ERR));
  CHECK_OK(spdl_decoder_push(decoder, some, ERR));
  spdl_decoder_free(decoder);
  spdl_packets_free(audio);
  spdl_packets_free(all);
  spdl_packets_free(some);
  spdl_demuxer_free(demuxer);
}

static void wrong_arguments(void) {
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  spdl_decoder *decoder = open_decoder(demuxer, SPDL_MEDIA_VIDEO);
  spdl_queue *queue = job_queue(NULL, 0);
  spdl_chunk *chunk = NULL, *read = NULL;
  spdl_packets *packets = NULL;
  spdl_frames *frames = NULL;
  spdl_chunk_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_demuxer_read(demuxer, both_streams, 2, NULL, NULL, &read, ERR));
  const spdl_read_options wrong[] = {
      {.struct_size = sizeof(spdl_read_options), .flags = 2},
      {.struct_size = sizeof(spdl_read_options), .num_packets = -1},
      {.struct_size = sizeof(spdl_read_options), .duration = {1, 0}},
      {.struct_size = sizeof(spdl_read_options), .duration = {-1, 1}},
  };
#define INVALID(call) CHECK_STATUS(SPDL_E_INVALID, call)
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    INVALID(spdl_demuxer_read(demuxer, both_streams, 2, &wrong[i], NULL, &chunk, ERR));
    INVALID(spdl_demuxer_read_submit(queue, 1, demuxer, both_streams, 2, &wrong[i], NULL, ERR));
  }
  INVALID(spdl_demuxer_read(NULL, both_streams, 2, NULL, NULL, &chunk, ERR));
  INVALID(spdl_demuxer_read(demuxer, NULL, 2, NULL, NULL, &chunk, ERR));
  INVALID(spdl_demuxer_read(demuxer, both_streams, 0, NULL, NULL, &chunk, ERR));
  INVALID(spdl_demuxer_read(demuxer, both_streams, 2, NULL, NULL, NULL, ERR));
  const int32_t missing[] = {0, 2}, negative = -1;
  CHECK_STATUS(SPDL_E_NO_STREAM, spdl_demuxer_read(demuxer, missing, 2, NULL, NULL, &chunk, ERR));
  CHECK_STATUS(SPDL_E_NO_STREAM, spdl_demuxer_read(demuxer, &negative, 1, NULL, NULL, &chunk, ERR));
  INVALID(spdl_chunk_get_info(NULL, &info, ERR));
  INVALID(spdl_chunk_get_info(read, NULL, ERR));
  INVALID(spdl_chunk_get_packets(NULL, 0, &packets, ERR));
  INVALID(spdl_chunk_get_packets(read, 2, &packets, ERR));
  INVALID(spdl_chunk_get_packets(read, 0, NULL, ERR));
  INVALID(spdl_decoder_open(NULL, NULL, &decoder, ERR));
  INVALID(spdl_decoder_push(NULL, packets, ERR));
  INVALID(spdl_decoder_push(decoder, NULL, ERR));
  INVALID(spdl_decoder_end(NULL, ERR));
  INVALID(spdl_decoder_pull(NULL, 0, NULL, &frames, ERR));
  INVALID(spdl_decoder_pull(decoder, -1, NULL, &frames, ERR));
  INVALID(spdl_decoder_pull(decoder, 0, NULL, NULL, ERR));
  INVALID(spdl_decoder_pull_submit(NULL, 1, decoder, 0, NULL, ERR));
  INVALID(spdl_decoder_pull_submit(queue, 1, NULL, 0, NULL, ERR));
  CHECK(chunk == NULL && packets == NULL && frames == NULL);
  spdl_chunk_free(read);
  spdl_queue_free(queue);
  spdl_decoder_free(decoder);
  spdl_demuxer_free(demuxer);
}

CHECK_MAIN(CHECK_TEST(chunks_make_the_whole), CHECK_TEST(chunks_of_a_duration),
           CHECK_TEST(frames_make_the_whole), CHECK_TEST(pull_goes_on_after_a_cancel),
           CHECK_TEST(pull_goes_on_after_a_deadline), CHECK_TEST(end_of_a_job),
           CHECK_TEST(wrong_packets), CHECK_TEST(wrong_arguments))
