/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/load.h: source to buffer in one call. Batches are in batch.c. */
#include "spdl/load.h"

#include <stdlib.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

/* A load is the same as its three stages. */
static void same_as_its_stages(void) {
  static const struct {
    const char *file;
    int32_t media;
  } rows[] = {{PICTURE_JPG, SPDL_MEDIA_IMAGE}, {PICTURE_PNG, SPDL_MEDIA_IMAGE},
              {VIDEO_MP4, SPDL_MEDIA_IMAGE},   {VIDEO_MP4, SPDL_MEDIA_VIDEO},
              {VIDEO_MP4, SPDL_MEDIA_AUDIO},   {TONE_M4A, SPDL_MEDIA_AUDIO},
              {RAW_NUT, SPDL_MEDIA_VIDEO},     {PICTURES_NUT, SPDL_MEDIA_IMAGE}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    spdl_source *source = media_open(rows[i].file);
    spdl_packets *packets = media_demux(source, rows[i].media);
    spdl_frames *frames = media_decode(packets, NULL);
    spdl_buffer *staged = media_convert(frames);
    spdl_buffer *loaded = media_load(source, rows[i].media);
    media_check_equal(loaded, staged);
    CHECK_EQ(media_buffer_info(loaded).media, rows[i].media);
    spdl_buffer_free(staged);
    spdl_buffer_free(loaded);
    spdl_frames_free(frames);
    spdl_packets_free(packets);
    spdl_source_free(source);
  }
}

/* To a size: by the fast way, as batches, or by the one that the ffmpeg command goes. */
static void sizes(void) {
  static const struct {
    const char *file;
    int32_t media;
  } rows[] = {{PICTURE_JPG, SPDL_MEDIA_IMAGE},
              {PICTURE_PNG, SPDL_MEDIA_IMAGE},
              {VIDEO_MP4, SPDL_MEDIA_IMAGE},
              {VIDEO_MP4, SPDL_MEDIA_VIDEO}};
  spdl_decode_options decode = {.struct_size = sizeof(decode)};
  spdl_load_options load = {.struct_size = sizeof(load), .decode = &decode, .pix_fmt = "bgr24"};
  spdl_batch_options batched = {
      .struct_size = sizeof(batched), .decode = &decode, .pix_fmt = "bgr24"};
  load.width = batched.width = 40;
  load.height = batched.height = 50;
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i)
    for (uint32_t flags = 0; flags <= SPDL_DECODE_REFERENCE; flags += SPDL_DECODE_REFERENCE) {
      spdl_source *source = media_open(rows[i].file);
      const spdl_source *list[] = {source};
      spdl_buffer *single = NULL, *whole = NULL;
      spdl_batch *batch = NULL;
      decode.flags = flags;
      batched.media = rows[i].media;
      CHECK_OK(spdl_source_load(source, rows[i].media, &load, NULL, &single, ERR));
      CHECK_OK(spdl_batch_load(list, 1, &batched, NULL, &batch, ERR));
      CHECK_OK(spdl_batch_get_buffer(batch, &whole, ERR));
      const spdl_buffer_info one = media_buffer_info(single), all = media_buffer_info(whole);
      CHECK_STRING(one.backend, flags ? "ffmpeg" : "fast");
      CHECK_STRING(all.backend, one.backend);
      CHECK_STRING(one.format, "bgr24");
      CHECK_EQ(all.size, one.size);
      CHECK_BYTES(all.data, one.data, one.size);
      CHECK_EQ(all.num_pts, one.num_pts);
      CHECK_BYTES(all.pts, one.pts, one.num_pts * sizeof(double));
      spdl_buffer_free(whole);
      spdl_buffer_free(single);
      spdl_batch_free(batch);
      spdl_source_free(source);
    }
}

static void sizes_of_what_has_none(void) {
  const spdl_decode_options none = {.struct_size = sizeof(none), .filter = SPDL_FILTER_NONE};
  const spdl_load_options options[] = {
      {.struct_size = sizeof(options[0]), .width = -1},
      {.struct_size = sizeof(options[0]), .width = 1, .scale_mode = 3},
      {.struct_size = sizeof(options[0]), .width = 1, .decode = &none},
      {.struct_size = sizeof(options[0]), .reserved = 1},
  };
  spdl_source *source = media_open(VIDEO_MP4);
  spdl_buffer *buffer = NULL;
  for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); ++i)
    CHECK_STATUS(SPDL_E_INVALID,
                 spdl_source_load(source, SPDL_MEDIA_IMAGE, &options[i], NULL, &buffer, ERR));
  const spdl_load_options sized = {.struct_size = sizeof(sized), .width = 8};
  CHECK_STATUS(SPDL_E_INVALID,
               spdl_source_load(source, SPDL_MEDIA_AUDIO, &sized, NULL, &buffer, ERR));
  spdl_source_free(source);
}

static void all_options_together(void) {
  enum { SIZE = 12 * 24 * 32 };
  unsigned char *array = calloc(1, SIZE);
  spdl_memory *out = NULL;
  CHECK_OK(spdl_memory_borrow(array, SIZE, SPDL_MEMORY_WRITABLE, 1, &out, ERR));
  const spdl_window window = {.struct_size = sizeof(window),
                              .flags = SPDL_WINDOW_START | SPDL_WINDOW_END,
                              .start = {1, 2},
                              .end = {1, 1}};
  const spdl_demux_options demux = {.struct_size = sizeof(demux), .format = "mov"};
  const spdl_decode_options decode = {.struct_size = sizeof(decode),
                                      .decoder = "h264",
                                      .filter = SPDL_FILTER_CUSTOM,
                                      .filter_desc = "scale=32:24,format=gray"};
  const spdl_load_options load = {.struct_size = sizeof(load),
                                  .demux = &demux,
                                  .decode = &decode,
                                  .window = &window,
                                  .out = out};
  spdl_source *source = media_open(VIDEO_MP4);
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_source_load(source, SPDL_MEDIA_VIDEO, &load, NULL, &buffer, ERR));
  MEDIA_CHECK_SHAPE(buffer, 12, 24, 32, 1);
  CHECK(media_buffer_info(buffer).data == array);
  CHECK_CLOSE(media_buffer_info(buffer).pts[0], 13.0 / 25, 1e-9);
  spdl_buffer_free(buffer);
  spdl_source_free(source);
  spdl_memory_free(out);
  check_tag_released(1);
  free(array);
}

/* A WAV file needs no FFmpeg, and gives the same with it. */
static void wav_files(void) {
  media_bytes wav = media_make_wav(8000, 2, 16000);
  const spdl_window window = {.struct_size = sizeof(window),
                              .flags = SPDL_WINDOW_START | SPDL_WINDOW_END,
                              .start = {1, 3},
                              .end = {3, 2}};
  const uint32_t flags[] = {0, SPDL_DECODE_REFERENCE, SPDL_DECODE_STRICT};
  const char *const backends[] = {"native", "ffmpeg", "native"};
  spdl_source *source = media_open_bytes(&wav, 7);
  for (uint32_t filter = SPDL_FILTER_DEFAULT; filter <= SPDL_FILTER_NONE; ++filter) {
    spdl_buffer *buffers[3] = {NULL, NULL, NULL};
    for (size_t i = 0; i < 3; ++i) {
      const spdl_decode_options decode = {
          .struct_size = sizeof(decode), .flags = flags[i], .filter = filter};
      const spdl_load_options load = {
          .struct_size = sizeof(load), .decode = &decode, .window = &window};
      CHECK_OK(spdl_source_load(source, SPDL_MEDIA_AUDIO, &load, NULL, &buffers[i], ERR));
      const spdl_buffer_info info = media_buffer_info(buffers[i]);
      CHECK_STRING(info.backend, backends[i]);
      CHECK_EQ(info.sample_rate, 8000);
      CHECK_CLOSE(info.pts[0], 2667.0 / 8000, 1e-12);
      media_check_equal(buffers[i], buffers[0]);
    }
    if (filter == SPDL_FILTER_NONE)
      CHECK_EQ(((const int16_t *)media_buffer_info(buffers[0]).data)[1], media_sample(2667, 1));
    for (size_t i = 0; i < 3; ++i) spdl_buffer_free(buffers[i]);
  }
  const spdl_decode_options unknown = {.struct_size = sizeof(unknown), .flags = 1u << 30};
  const spdl_load_options load = {.struct_size = sizeof(load), .decode = &unknown};
  spdl_buffer *buffer = NULL;
  CHECK_STATUS(SPDL_E_INVALID,
               spdl_source_load(source, SPDL_MEDIA_AUDIO, &load, NULL, &buffer, ERR));
  CHECK(buffer == NULL);
  spdl_source_free(source);
  check_tag_released(7);
  media_free(&wav);
}

/* The error tells the stage that failed. */
static void errors_name_their_stage(void) {
  spdl_source *source = media_open(PICTURE_JPG);
  spdl_source *missing = NULL;
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_source_from_path("/nowhere/a", NULL, &missing, ERR));
  const spdl_demux_options demux = {.struct_size = sizeof(demux), .format = "nonsense"};
  const spdl_decode_options decode = {.struct_size = sizeof(decode), .decoder = "nonsense"};
  const spdl_decode_options filter = {
      .struct_size = sizeof(filter), .filter = SPDL_FILTER_CUSTOM, .filter_desc = "nonsense"};
  const spdl_decode_options convert = {
      .struct_size = sizeof(convert), .filter = SPDL_FILTER_CUSTOM, .filter_desc = "format=monow"};
  const struct {
    const spdl_source *source;
    spdl_load_options options;
    int32_t origin;
  } rows[] = {
      {missing, {.struct_size = sizeof(spdl_load_options)}, SPDL_ORIGIN_SOURCE},
      {source, {.struct_size = sizeof(spdl_load_options), .demux = &demux}, SPDL_ORIGIN_DEMUX},
      {source, {.struct_size = sizeof(spdl_load_options), .decode = &decode}, SPDL_ORIGIN_DECODE},
      {source, {.struct_size = sizeof(spdl_load_options), .decode = &filter}, SPDL_ORIGIN_FILTER},
      {source, {.struct_size = sizeof(spdl_load_options), .decode = &convert}, SPDL_ORIGIN_CONVERT},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    CHECK(spdl_source_load(rows[i].source, SPDL_MEDIA_IMAGE, &rows[i].options, NULL, &buffer, ERR) <
          0);
    CHECK_EQ(check_last_error()->origin, rows[i].origin);
    CHECK(buffer == NULL);
  }
  spdl_source_free(source);
  spdl_source_free(missing);
}

/* ---- a result never depends on what was decoded before ---- */

/* A JPEG without its Huffman (0xc4) and quantisation (0xdb) tables. */
static media_bytes without_tables(const media_bytes *picture) {
  media_bytes stripped = {malloc(picture->size), 2};
  memcpy(stripped.data, picture->data, 2);
  size_t at = 2;
  while (at + 4 <= picture->size && picture->data[at + 1] != 0xda) {
    const size_t length = 2u + picture->data[at + 2] * 256u + picture->data[at + 3];
    const unsigned marker = picture->data[at + 1];
    if (marker != 0xc4 && marker != 0xdb) {
      memcpy(stripped.data + stripped.size, picture->data + at, length);
      stripped.size += length;
    }
    at += length;
  }
  memcpy(stripped.data + stripped.size, picture->data + at, picture->size - at);
  stripped.size += picture->size - at;
  return stripped;
}

typedef struct verdict {
  spdl_status status;
  uint64_t sum;
} verdict;

static verdict judge(const spdl_source *source, int32_t width) {
  const spdl_load_options options = {
      .struct_size = sizeof(options), .width = width, .pix_fmt = "rgb24"};
  spdl_buffer *buffer = NULL;
  verdict result = {spdl_source_load(source, SPDL_MEDIA_IMAGE, &options, NULL, &buffer, NULL), 1};
  if (result.status != SPDL_OK) return result;
  const spdl_buffer_info info = media_buffer_info(buffer);
  for (size_t i = 0; i < info.size; ++i)
    result.sum = result.sum * 31 + ((const unsigned char *)info.data)[i];
  spdl_buffer_free(buffer);
  return result;
}

/* By FFmpeg's decoder, and to a size by libjpeg-turbo. */
static const int32_t judged_widths[] = {0, 32};

static void *judge_again(void *argument) {
  const spdl_source *const *sources = argument;
  for (int way = 0; way < 2; ++way) {
    const verdict expected = judge(sources[0], judged_widths[way]);
    for (int i = 0; i < 20; ++i) {
      judge(sources[1], judged_widths[way]);
      const verdict again = judge(sources[0], judged_widths[way]);
      if (again.status != expected.status || again.sum != expected.sum) return "another verdict";
    }
  }
  return NULL;
}

static void history_does_not_matter(void) {
  media_bytes picture = media_read(PICTURE_JPG);
  media_bytes bare = without_tables(&picture);
  CHECK(bare.size < picture.size - 100);
  const spdl_source *sources[] = {media_open_bytes(&bare, 1), media_open_bytes(&picture, 2)};
  verdict first[2];
  for (int way = 0; way < 2; ++way) /* Before any other picture in this process. */
    first[way] = judge(sources[0], judged_widths[way]);
  for (int way = 0; way < 2; ++way) {
    const verdict whole = judge(sources[1], judged_widths[way]);
    CHECK_EQ(whole.status, SPDL_OK);
    CHECK(first[way].status != SPDL_OK || first[way].sum != whole.sum);
  }
  pthread_t threads[3];
  for (int i = 0; i < 3; ++i) CHECK_EQ(pthread_create(&threads[i], NULL, judge_again, sources), 0);
  for (int i = 0; i < 3; ++i) {
    void *problem = NULL;
    pthread_join(threads[i], &problem);
    CHECK(problem == NULL);
  }
  for (int way = 0; way < 2; ++way) {
    const verdict last = judge(sources[0], judged_widths[way]);
    CHECK(last.status == first[way].status && last.sum == first[way].sum);
  }
  for (int i = 0; i < 2; ++i) spdl_source_free((spdl_source *)sources[i]);
  check_tag_released(1);
  check_tag_released(2);
  media_free(&bare);
  media_free(&picture);
}

CHECK_MAIN(CHECK_TEST(history_does_not_matter), CHECK_TEST(same_as_its_stages),
           CHECK_TEST(all_options_together), CHECK_TEST(sizes), CHECK_TEST(sizes_of_what_has_none),
           CHECK_TEST(errors_name_their_stage), CHECK_TEST(wav_files))
