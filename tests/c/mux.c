/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/encode.h, muxers: in order, out of order, and in use. */
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include "muxing.h"

static void packets_of_a_demuxer(void) {
  make_items();
  spdl_source *video = media_open(VIDEO_MP4);
  spdl_packets *pictures = media_demux(video, SPDL_MEDIA_VIDEO);
  spdl_packets *sound = media_demux(video, SPDL_MEDIA_AUDIO);
  spdl_codec *codecs[2] = {NULL, NULL};
  CHECK_OK(spdl_packets_get_codec(pictures, &codecs[0], ERR));
  CHECK_OK(spdl_packets_get_codec(sound, &codecs[1], ERR));
  spdl_muxer *muxer = make_muxer(file("remuxed.mkv"), NULL);
  CHECK_OK(spdl_muxer_add_remux_stream(muxer, codecs[0], ERR));
  CHECK_OK(spdl_muxer_add_remux_stream(muxer, codecs[1], ERR));
  CHECK_OK(spdl_muxer_open_submit(queue, 1, muxer, NULL, 0, NULL, ERR));
  job_expect(queue, 1, SPDL_OK);
  CHECK_ERROR(SPDL_E_MISMATCH, "stream 1 is aac", spdl_muxer_write(muxer, 1, pictures, NULL, ERR));
  CHECK_OK(spdl_muxer_write_submit(queue, 2, muxer, 0, pictures, NULL, ERR));
  job_expect(queue, 2, SPDL_OK);
  CHECK_OK(spdl_muxer_write_submit(queue, 3, muxer, 1, sound, NULL, ERR));
  job_expect(queue, 3, SPDL_OK);
  CHECK_OK(spdl_muxer_flush_submit(queue, 4, muxer, NULL, ERR));
  job_expect(queue, 4, SPDL_OK);
  CHECK_OK(spdl_muxer_close_submit(queue, 5, muxer, NULL, ERR));
  const job_end end = job_collect(queue);
  CHECK(end.completion.result == NULL && end.completion.kind == SPDL_KIND_NONE);
  job_check_end(&end, 5, SPDL_OK);
  spdl_buffer *before = media_load(video, SPDL_MEDIA_VIDEO), *after = load_file(SPDL_MEDIA_VIDEO);
  media_check_equal(before, after);
  spdl_buffer_free(before);
  spdl_buffer_free(after);
  spdl_muxer_free(muxer);
  spdl_codec_free(codecs[0]);
  spdl_codec_free(codecs[1]);
  spdl_packets_free(pictures);
  spdl_packets_free(sound);
  spdl_source_free(video);
  free_items();
}

static void wrong_order(void) {
  make_items();
  spdl_frames *pictures = make_pictures();
  spdl_muxer *muxer = make_muxer(file("order.nut"), NULL);
  spdl_encode_options options = picture_options("png");
  spdl_encoder *none = UNSET;
  spdl_packets *encoded = NULL, *out = UNSET;
  REFUSES(spdl_muxer_open(muxer, NULL, 0, NULL, err)); /* No stream. */
  REFUSES(spdl_muxer_write(muxer, 0, packets, NULL, err));
  REFUSES(spdl_muxer_flush(muxer, NULL, err));
  spdl_encoder *encoder = add_stream(muxer, &options);
  CHECK_OK(spdl_encoder_encode(encoder, pictures, NULL, &encoded, ERR));
  REFUSES(spdl_muxer_write(muxer, 0, encoded, NULL, err));
  CHECK_OK(spdl_muxer_open(muxer, NULL, 0, NULL, ERR));
  REFUSES(spdl_muxer_open(muxer, NULL, 0, NULL, err));
  REFUSES(spdl_muxer_add_encode_stream(muxer, &options, &none, err));
  REFUSES(spdl_muxer_add_remux_stream(muxer, codec, err));
  REFUSES(spdl_muxer_write(muxer, 1, encoded, NULL, err));
  REFUSES(spdl_muxer_write(muxer, UINT32_MAX, encoded, NULL, err));
  CHECK_ERROR(SPDL_E_MISMATCH, "32x24", spdl_muxer_write(muxer, 0, packets, NULL, ERR));
  CHECK_ERROR(SPDL_E_MISMATCH, "96x64", spdl_encoder_encode(encoder, frames, NULL, &out, ERR));
  CHECK_ERROR(SPDL_E_MISMATCH, "must not begin before",
              spdl_encoder_encode(encoder, pictures, NULL, &out, ERR));
  REFUSES(spdl_encoder_encode(encoder, pictures, NULL, &out, err)); /* It failed before. */
  CHECK_OK(spdl_muxer_write(muxer, 0, encoded, NULL, ERR));
  CHECK_OK(spdl_muxer_close(muxer, NULL, ERR));
  REFUSES(spdl_encoder_encode(encoder, pictures, NULL, &out, err));
  REFUSES(spdl_encoder_flush(encoder, NULL, &out, err));
  REFUSES(spdl_muxer_write(muxer, 0, encoded, NULL, err));
  REFUSES(spdl_muxer_flush(muxer, NULL, err));
  REFUSES(spdl_muxer_open(muxer, NULL, 0, NULL, err));
  CHECK(none == UNSET && out == UNSET);
  spdl_encoder_free(encoder);
  spdl_muxer_free(muxer);
  spdl_packets_free(encoded);
  spdl_frames_free(pictures);
  free_items();
}

static void streams_that_end_too_early(void) {
  spdl_muxer *muxer = make_muxer(file("never.nut"), NULL);
  CHECK_ERROR(SPDL_E_INVALID, "never opened", spdl_muxer_close(muxer, NULL, ERR));
  CHECK_OK(spdl_muxer_close(muxer, NULL, ERR));
  spdl_muxer_free(muxer);
  static int16_t samples[10][2];
  spdl_frames *some = make_samples(samples, 10, 0);
  muxer = make_muxer(file("early.flac"), NULL);
  const spdl_encode_options options = sample_options(NULL, "s16");
  spdl_encoder *encoder = add_stream(muxer, &options);
  CHECK_OK(spdl_muxer_open(muxer, NULL, 0, NULL, ERR));
  spdl_packets *out = NULL;
  CHECK_STATUS(SPDL_EOF, spdl_encoder_encode(encoder, some, NULL, &out, ERR));
  CHECK_ERROR(SPDL_E_INVALID, "was not flushed", spdl_muxer_close(muxer, NULL, ERR));
  spdl_encoder_free(encoder);
  spdl_muxer_free(muxer);
  spdl_frames_free(some);
  check_tag_released(3);
}

/* A pipe that nobody empties holds up the worker that writes to it. */
static void machines_are_busy(void) {
  spdl_frames *pictures = make_pictures();
  CHECK_EQ(mkfifo(file("pipe"), 0600), 0);
  const int end = open(path, O_RDONLY | O_NONBLOCK);
  CHECK(end >= 0);
  spdl_muxer *muxer = make_muxer(path, "rawvideo");
  const spdl_encode_options options = picture_options("rawvideo");
  spdl_encoder *encoder = add_stream(muxer, &options);
  CHECK_OK(spdl_muxer_open(muxer, NULL, 0, NULL, ERR));
  spdl_packets *encoded = NULL;
  CHECK_OK(spdl_encoder_encode(encoder, pictures, NULL, &encoded, ERR));
  spdl_queue *jobs = job_queue(NULL, 0);
  /* More than the pipe takes, one write after the other. */
  size_t written = 0;
  CHECK_EQ(fcntl(end, F_SETPIPE_SZ, 4096), 4096);
  CHECK_OK(spdl_muxer_write_submit(jobs, 1, muxer, 0, encoded, NULL, ERR));
  struct pollfd filled = {.fd = end, .events = POLLIN};
  CHECK_EQ(poll(&filled, 1, (int)(PATIENCE / MILLISECONDS)), 1);
  CHECK_STATUS(SPDL_E_BUSY, spdl_muxer_write(muxer, 0, encoded, NULL, ERR));
  CHECK_STATUS(SPDL_E_BUSY, spdl_muxer_close(muxer, NULL, ERR));
  static char bytes[4096];
  while (written < 5 * PICTURE) {
    const ssize_t n = read(end, bytes, sizeof(bytes));
    if (n > 0) written += (size_t)n;
    if (spdl_queue_wait(jobs, 0, NULL) == SPDL_OK) break;
  }
  job_expect(jobs, 1, SPDL_OK);
  close(end);
  spdl_muxer_free(muxer);
  spdl_encoder_free(encoder);
  spdl_packets_free(encoded);
  spdl_frames_free(pictures);
  spdl_queue_free(jobs);
}

CHECK_MAIN(CHECK_TEST(packets_of_a_demuxer), CHECK_TEST(wrong_order),
           CHECK_TEST(streams_that_end_too_early), CHECK_TEST(machines_are_busy),
           CHECK_TEST(remove_folder))
