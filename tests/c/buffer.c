/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/buffer.h: what buffers say about themselves. */
#include "spdl/buffer.h"

#include <math.h>

#include "check.h"
#include "media.h"

/* What holds of every buffer. */
static void check_common(const spdl_buffer_info *info) {
  CHECK(info->data != NULL);
  CHECK_EQ((uintptr_t)info->data % 64, 0);
  CHECK(info->num_dims >= 1 && info->num_dims <= 8);
  uint64_t size = info->item_size;
  for (uint32_t i = 0; i < 8; ++i) {
    if (i >= info->num_dims) CHECK_EQ(info->shape[i], 0);
    if (i < info->num_dims) size *= (uint64_t)info->shape[i];
  }
  CHECK_EQ(info->size, size);
  CHECK_STRING(info->backend, info->media == SPDL_MEDIA_AUDIO ? "native" : "ffmpeg"); /* A WAV. */
  CHECK_EQ(info->flags, 0);
}

static void picture(void) {
  spdl_source *source = media_open(PICTURE_PNG);
  spdl_buffer *buffer = media_load(source, SPDL_MEDIA_IMAGE);
  spdl_source_free(source);
  const spdl_buffer_info info = media_buffer_info(buffer);
  check_common(&info);
  CHECK_EQ(info.media, SPDL_MEDIA_IMAGE);
  MEDIA_CHECK_SHAPE(buffer, PICTURE_HEIGHT, PICTURE_WIDTH, 3);
  CHECK_STRING(info.typestr, "|u1");
  CHECK_STRING(info.format, "rgb24");
  CHECK_EQ(info.sample_rate, 0);
  CHECK_EQ(info.num_corrupt, 0);
  CHECK_EQ(info.num_pts, 1);
  CHECK(isnan(info.pts[0]) || info.pts[0] == 0);
  spdl_buffer_free(buffer);
}

static void video(void) {
  spdl_source *source = media_open(VIDEO_MP4);
  spdl_buffer *buffer = media_load(source, SPDL_MEDIA_VIDEO);
  spdl_source_free(source);
  const spdl_buffer_info info = media_buffer_info(buffer);
  check_common(&info);
  CHECK_EQ(info.media, SPDL_MEDIA_VIDEO);
  MEDIA_CHECK_SHAPE(buffer, 50, 120, 160, 3);
  CHECK_EQ(info.num_pts, 50);
  for (int i = 0; i < 50; ++i) CHECK_CLOSE(info.pts[i], i / 25.0, 1e-9);
  spdl_buffer_free(buffer);
}

static void sound(void) {
  media_bytes file = media_make_wav(16000, 2, 1600);
  spdl_source *source = media_open_bytes(&file, 1);
  const spdl_window window = {
      .struct_size = sizeof(window), .flags = SPDL_WINDOW_START, .start = {1, 20}};
  const spdl_load_options load = {.struct_size = sizeof(load), .window = &window};
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_source_load(source, SPDL_MEDIA_AUDIO, &load, NULL, &buffer, ERR));
  spdl_source_free(source);
  const spdl_buffer_info info = media_buffer_info(buffer);
  check_common(&info);
  CHECK_EQ(info.media, SPDL_MEDIA_AUDIO);
  MEDIA_CHECK_SHAPE(buffer, 2, 800);
  CHECK_STRING(info.typestr, "<f4");
  CHECK_STRING(info.format, "fltp");
  CHECK_EQ(info.sample_rate, 16000);
  CHECK_EQ(info.num_pts, 1);
  CHECK_CLOSE(info.pts[0], 0.05, 1e-9);
  spdl_buffer_free(buffer);
  check_tag_released(1);
  media_free(&file);
}

/* Of a batch of sounds: the first sample of each item. Of videos: each picture of each item. */
static void timestamps_of_batches(void) {
  spdl_source *source = media_open(PICTURES_NUT);
  spdl_packets *packets = media_demux(source, SPDL_MEDIA_VIDEO);
  spdl_frames *frames = media_decode(packets, NULL);
  const spdl_frames *items[] = {frames, frames, frames};
  const spdl_convert_options options = {.struct_size = sizeof(options),
                                        .flags = SPDL_CONVERT_BATCH};
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_frames_convert(items, 3, &options, NULL, &buffer, ERR));
  const spdl_buffer_info info = media_buffer_info(buffer);
  check_common(&info);
  CHECK_EQ(info.num_pts, 15);
  for (int i = 0; i < 15; ++i) CHECK_CLOSE(info.pts[i], i % 5 / 5.0, 1e-9);
  spdl_buffer_free(buffer);
  spdl_frames_free(frames);
  spdl_packets_free(packets);
  spdl_source_free(source);
}

/* The library never changes a buffer that it has returned. */
static void later_work_changes_nothing(void) {
  spdl_source *source = media_open(PICTURE_JPG);
  spdl_buffer *first = media_load(source, SPDL_MEDIA_IMAGE);
  unsigned char copy[PICTURE_SIZE];
  memcpy(copy, media_buffer_info(first).data, sizeof(copy));
  for (int i = 0; i < 20; ++i) spdl_buffer_free(media_load(source, SPDL_MEDIA_IMAGE));
  CHECK_BYTES(media_buffer_info(first).data, copy, sizeof(copy));
  spdl_buffer_free(first);
  spdl_source_free(source);
}

CHECK_MAIN(CHECK_TEST(picture), CHECK_TEST(video), CHECK_TEST(sound),
           CHECK_TEST(timestamps_of_batches), CHECK_TEST(later_work_changes_nothing))
