/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * What the tests of encoders and of muxers share: files in a folder of the program, and shorthands.
 */
#ifndef SPDL_TESTS_C_MUXING_H
#define SPDL_TESTS_C_MUXING_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "arguments.h"

enum { WIDTH = 32, HEIGHT = 24, PICTURE = WIDTH * HEIGHT * 3 };

static char folder[] = "/tmp/spdl_encode_XXXXXX";
static char path[64];

/* A path in a folder of this program. */
static inline const char *file(const char *name) {
  static int is_made;
  if (!is_made) CHECK(mkdtemp(folder) != NULL);
  is_made = 1;
  snprintf(path, sizeof(path), "%s/%s", folder, name);
  return path;
}

static inline spdl_encode_options picture_options(const char *encoder) {
  const spdl_encode_options options = {.struct_size = sizeof(options),
                                       .media = SPDL_MEDIA_VIDEO,
                                       .encoder = encoder,
                                       .format = "rgb24",
                                       .width = WIDTH,
                                       .height = HEIGHT,
                                       .frame_rate = {5, 1}};
  return options;
}

static inline spdl_encode_options sample_options(const char *encoder, const char *format) {
  const spdl_encode_options options = {.struct_size = sizeof(options),
                                       .media = SPDL_MEDIA_AUDIO,
                                       .encoder = encoder,
                                       .format = format,
                                       .sample_rate = 8000,
                                       .num_channels = 2};
  return options;
}

static inline spdl_muxer *make_muxer(const char *destination, const char *format) {
  const spdl_muxer_options options = {.struct_size = sizeof(options), .format = format};
  spdl_muxer *muxer = NULL;
  CHECK_OK(spdl_muxer_create(destination, &options, &muxer, ERR));
  return muxer;
}

static inline spdl_encoder *add_stream(const spdl_muxer *muxer,
                                       const spdl_encode_options *options) {
  spdl_encoder *encoder = NULL;
  CHECK_OK(spdl_muxer_add_encode_stream(muxer, options, &encoder, ERR));
  return encoder;
}

/* The five pictures of RAW_NUT. */
static inline spdl_frames *make_pictures(void) {
  spdl_source *nut = media_open(RAW_NUT);
  spdl_packets *read = media_demux(nut, SPDL_MEDIA_VIDEO);
  spdl_frames *decoded = media_decode(read, NULL);
  spdl_packets_free(read);
  spdl_source_free(nut);
  return decoded;
}

static inline spdl_buffer *load_file(int32_t media) {
  spdl_source *from = NULL;
  CHECK_OK(spdl_source_from_path(path, NULL, &from, ERR));
  spdl_buffer *loaded = media_load(from, media);
  spdl_source_free(from);
  return loaded;
}

static inline spdl_frames *make_samples(int16_t (*samples)[2], int64_t count, int64_t pts) {
  const spdl_frames_options layout = {.struct_size = sizeof(layout),
                                      .media = SPDL_MEDIA_AUDIO,
                                      .format = "s16",
                                      .num_frames = count,
                                      .sample_rate = 8000,
                                      .num_channels = 2,
                                      .pts = pts};
  spdl_memory *memory = NULL;
  spdl_frames *made = NULL;
  CHECK_OK(spdl_memory_borrow(samples, (size_t)count * 4, 0, 3, &memory, ERR));
  CHECK_OK(spdl_frames_from_memory(memory, &layout, &made, ERR));
  spdl_memory_free(memory);
  return made;
}

static inline void remove_folder(void) {
  static const char *const names[] = {"pictures.nut", "samples.flac", "remuxed.mkv",
                                      "order.nut",    "given_up.nut", "early.flac",
                                      "picture.png",  "picture.jpg",  "pipe"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) unlink(file(names[i]));
  CHECK_EQ(rmdir(folder), 0);
}

#endif /* SPDL_TESTS_C_MUXING_H */
