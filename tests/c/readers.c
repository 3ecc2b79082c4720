/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/readers.h: WAV and npy. */
#include "spdl/readers.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

static spdl_memory *lend(const void *data, size_t size, uint32_t flags) {
  spdl_memory *memory = NULL;
  CHECK_OK(spdl_memory_borrow(data, size, flags, 7, &memory, ERR));
  return memory;
}

/* ---- WAV ---- */

static spdl_buffer *load_wav(const media_bytes *file, uint32_t flags, const spdl_window *window) {
  spdl_memory *memory = lend(file->data, file->size, flags);
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_wav_load(memory, window, NULL, &buffer, ERR));
  spdl_memory_free(memory);
  return buffer;
}

static void wav_header(void) {
  media_bytes file = media_make_wav(8000, 3, 100);
  spdl_wav_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_wav_parse(file.data, 44, &info, ERR)); /* The samples are not needed. */
  CHECK(info.audio_format == 1 && info.sub_format == 1);
  CHECK_EQ(info.num_channels, 3);
  CHECK_EQ(info.sample_rate, 8000);
  CHECK_EQ(info.byte_rate, 48000);
  CHECK_EQ(info.block_align, 6);
  CHECK_EQ(info.bits_per_sample, 16);
  CHECK_EQ(info.data_offset, 44);
  CHECK_EQ(info.data_size, 600);
  for (size_t size = 0; size < 44; ++size) {
    media_bytes part = {malloc(size + 1), size}; /* Of its own: a read past it is seen. */
    CHECK(part.data != NULL);
    memcpy(part.data, file.data, size);
    part.data = realloc(part.data, size ? size : 1);
    CHECK_ERROR(SPDL_E_CORRUPT, "WAV", spdl_wav_parse(part.data, size, &info, ERR));
    CHECK_EQ(check_last_error()->origin, SPDL_ORIGIN_READERS);
    media_free(&part);
  }
  media_free(&file);
}

static void wav_in_place(void) {
  media_bytes file = media_make_wav(8000, 2, 1000);
  spdl_buffer *buffer = load_wav(&file, 0, NULL);
  spdl_buffer_info info = media_buffer_info(buffer);
  CHECK(info.data == file.data + 44);
  MEDIA_CHECK_SHAPE(buffer, 1000, 2);
  CHECK_STRING(info.typestr, "<i2");
  CHECK_STRING(info.format, "s16");
  CHECK_STRING(info.backend, "native");
  CHECK_EQ(info.sample_rate, 8000);
  CHECK_EQ(info.media, SPDL_MEDIA_AUDIO);
  CHECK_EQ(info.flags, SPDL_BUFFER_READONLY);
  check_no_tag_released(); /* The buffer keeps the memory. */
  spdl_buffer_free(buffer);
  check_tag_released(7);
  buffer = load_wav(&file, SPDL_MEMORY_WRITABLE, NULL);
  CHECK_EQ(media_buffer_info(buffer).flags, 0);
  spdl_buffer_free(buffer);
  check_tag_released(7);
  media_free(&file);
}

/* Sample k is at k / rate: the bounds are exact. */
static void wav_windows(void) {
  static const struct {
    spdl_rational start, end;
    int64_t first, count;
  } rows[] = {{{0, 1}, {1, 8000}, 0, 1},        {{1, 8000}, {3, 8000}, 1, 2},
              {{1, 7999}, {3, 7999}, 2, 2},     {{99, 8000}, {5, 1}, 99, 1},
              {{1, 100}, {1, 100}, 80, 0},      {{1, 100}, {0, 1}, 80, 0},
              {{-9, 1}, {INT64_MAX, 1}, 0, 100}};
  media_bytes file = media_make_wav(8000, 1, 100);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    const spdl_window window = {.struct_size = sizeof(window),
                                .flags = SPDL_WINDOW_START | SPDL_WINDOW_END,
                                .start = rows[i].start,
                                .end = rows[i].end};
    spdl_buffer *buffer = load_wav(&file, 0, &window);
    MEDIA_CHECK_SHAPE(buffer, rows[i].count, 1);
    const spdl_buffer_info info = media_buffer_info(buffer);
    CHECK(info.data == file.data + 44 + 2 * rows[i].first);
    CHECK_CLOSE(info.pts[0], (double)rows[i].first / 8000, 1e-12);
    spdl_buffer_free(buffer);
    check_tag_released(7);
  }
  spdl_memory *memory = lend(file.data, file.size, 0);
  spdl_buffer *buffer = NULL;
  const spdl_window late = {
      .struct_size = sizeof(late), .flags = SPDL_WINDOW_START, .start = {1, 80}};
  CHECK_ERROR(SPDL_E_INVALID, "100 samples", spdl_wav_load(memory, &late, NULL, &buffer, ERR));
  spdl_memory_free(memory);
  check_tag_released(7);
  media_free(&file);
}

/* A file of some format with a few bytes of samples. */
static media_bytes make_coded(uint16_t format, uint16_t bits, const void *samples, uint32_t size) {
  media_bytes file = media_make_wav(8000, 1, (int)(size / 2));
  const uint16_t block = (uint16_t)(bits / 8);
  memcpy(file.data + 20, &format, 2);
  memcpy(file.data + 32, &block, 2);
  memcpy(file.data + 34, &bits, 2);
  memcpy(file.data + 44, samples, size);
  return file;
}

static void wav_copies(void) {
  static const unsigned char wide[6] = {0x01, 0x02, 0x03, 0xff, 0xff, 0xff};
  static const unsigned char laws[4] = {0xd5, 0x55, 0xaa, 0x2a};
  media_bytes files[] = {make_coded(1, 24, wide, 6), make_coded(6, 8, laws, 4),
                         make_coded(7, 8, laws, 4)};
  spdl_buffer *buffers[3];
  for (int i = 0; i < 3; ++i) {
    buffers[i] = load_wav(&files[i], 0, NULL);
    check_tag_released(7); /* Nothing of the memory is needed any more. */
    CHECK_EQ(media_buffer_info(buffers[i]).flags, 0);
    media_free(&files[i]);
  }
  MEDIA_CHECK_SHAPE(buffers[0], 2, 1);
  const int32_t *s32 = media_buffer_info(buffers[0]).data;
  CHECK(s32[0] == 0x03020100 && s32[1] == -256);
  MEDIA_CHECK_SHAPE(buffers[1], 4, 1);
  const int16_t *alaw = media_buffer_info(buffers[1]).data;
  CHECK(alaw[0] == 8 && alaw[1] == -8 && alaw[2] == 32256 && alaw[3] == -32256);
  const int16_t *mulaw = media_buffer_info(buffers[2]).data;
  static const int16_t expected[4] = {716, -716, 5372, -5372};
  CHECK_BYTES(mulaw, expected, sizeof(expected));
  for (int i = 0; i < 3; ++i) spdl_buffer_free(buffers[i]);
}

static void refused_wavs(void) {
  media_bytes file = media_make_wav(8000, 1, 10);
  spdl_memory *cut = lend(file.data, file.size - 1, 0);
  spdl_buffer *buffer = NULL;
  CHECK_ERROR(SPDL_E_CORRUPT, "cut short", spdl_wav_load(cut, NULL, NULL, &buffer, ERR));
  CHECK_EQ(check_last_error()->byte_offset, 63);
  spdl_memory_free(cut);
  check_tag_released(7);
  file.data[20] = 2; /* ADPCM */
  spdl_memory *adpcm = lend(file.data, file.size, 0);
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "format 2", spdl_wav_load(adpcm, NULL, NULL, &buffer, ERR));
  spdl_memory_free(adpcm);
  check_tag_released(7);
  CHECK(buffer == NULL);
  media_free(&file);
}

static void wav_limits(void) {
  static const unsigned char laws[4] = {0};
  media_bytes file = make_coded(6, 8, laws, 4);
  spdl_memory *memory = lend(file.data, file.size, 0);
  spdl_buffer *buffer = NULL;
  spdl_limits limits = {.struct_size = sizeof(limits), .max_bytes = 7};
  CHECK_ERROR(SPDL_E_LIMIT, "max_bytes", spdl_wav_load(memory, NULL, &limits, &buffer, ERR));
  limits = (spdl_limits){.struct_size = sizeof(limits), .max_frames = 3};
  CHECK_ERROR(SPDL_E_LIMIT, "max_frames", spdl_wav_load(memory, NULL, &limits, &buffer, ERR));
  spdl_cancel *cancel = NULL;
  CHECK_OK(spdl_cancel_create(&cancel, ERR));
  spdl_cancel_trigger(cancel);
  limits = (spdl_limits){.struct_size = sizeof(limits), .cancel = cancel};
  CHECK_STATUS(SPDL_E_CANCELLED, spdl_wav_load(memory, NULL, &limits, &buffer, ERR));
  spdl_cancel_free(cancel);
  spdl_memory_free(memory);
  check_tag_released(7);
  media_free(&file);
}

static void submitted_wav(void) {
  media_bytes file = media_make_wav(8000, 2, 500);
  spdl_queue *queue = job_queue(NULL, 0);
  spdl_memory *memory = lend(file.data, file.size, 0);
  CHECK_OK(spdl_wav_load_submit(queue, 1, memory, NULL, NULL, ERR));
  spdl_memory_free(memory);
  const job_end end = job_collect(queue);
  CHECK_EQ(end.completion.kind, SPDL_KIND_BUFFER);
  CHECK(media_buffer_info(end.completion.result).data == file.data + 44);
  job_check_end(&end, 1, SPDL_OK);
  check_tag_released(7);
  spdl_queue_free(queue);
  media_free(&file);
}

/* ---- npy ---- */

/* Version 1.0 with one array of 2 x 3 int16; the header has 64 bytes in all. */
static media_bytes make_npy(const char *order) {
  media_bytes file = {malloc(64 + 12), 64 + 12};
  CHECK(file.data != NULL);
  memset(file.data, ' ', 64);
  memcpy(file.data, "\x93NUMPY\x01\x00\x36\x00", 10);
  char text[64];
  const int size =
      snprintf(text, sizeof(text), "{'descr':'<i2','fortran_order':%s,'shape':(2,3)}", order);
  CHECK(size > 0 && size <= 54);
  memcpy(file.data + 10, text, (size_t)size);
  for (int i = 0; i < 12; ++i) file.data[64 + i] = (unsigned char)i;
  return file;
}

static void npy_header(void) {
  for (uint32_t fortran = 0; fortran < 2; ++fortran) {
    media_bytes file = make_npy(fortran ? "True" : "False");
    spdl_npy_info info = {.struct_size = sizeof(info)};
    CHECK_OK(spdl_npy_parse(file.data, file.size, &info, ERR));
    CHECK_STRING(info.typestr, "<i2");
    CHECK_EQ(info.item_size, 2);
    CHECK_EQ(info.fortran_order, fortran);
    CHECK_EQ(info.num_dims, 2);
    CHECK(info.shape[0] == 2 && info.shape[1] == 3 && info.shape[2] == 0);
    CHECK_EQ(info.data_offset, 64);
    CHECK_EQ(info.data_size, 12);
    for (size_t size = 0; size < file.size; ++size)
      CHECK_ERROR(SPDL_E_CORRUPT, "npy", spdl_npy_parse(file.data, size, &info, ERR));
    media_free(&file);
  }
}

static void npy_elements(void) {
  media_bytes file = make_npy("False");
  spdl_memory *memory = lend(file.data, file.size, 0);
  spdl_buffer *view = NULL, *copy = NULL;
  CHECK_OK(spdl_npy_load(memory, 0, NULL, &view, ERR));
  CHECK_OK(spdl_npy_load(memory, SPDL_NPY_COPY, NULL, &copy, ERR));
  spdl_memory_free(memory);
  MEDIA_CHECK_SHAPE(view, 12);
  CHECK(media_buffer_info(view).data == file.data + 64);
  CHECK_EQ(media_buffer_info(view).flags, SPDL_BUFFER_READONLY);
  CHECK_EQ(media_buffer_info(copy).flags, 0);
  media_check_equal(view, copy);
  spdl_buffer_free(view);
  check_tag_released(7);
  CHECK_BYTES(media_buffer_info(copy).data, file.data + 64, 12);
  spdl_buffer_free(copy);
  media_free(&file);
}

static void npy_limits_and_jobs(void) {
  media_bytes file = make_npy("False");
  spdl_memory *memory = lend(file.data, file.size, 0);
  spdl_buffer *buffer = NULL;
  const spdl_limits limits = {.struct_size = sizeof(limits), .max_bytes = 11};
  CHECK_ERROR(SPDL_E_LIMIT, "max_bytes",
              spdl_npy_load(memory, SPDL_NPY_COPY, &limits, &buffer, ERR));
  spdl_queue *queue = job_queue(NULL, 0);
  CHECK_OK(spdl_npy_load_submit(queue, 1, memory, SPDL_NPY_COPY, NULL, ERR));
  const job_end end = job_collect(queue);
  CHECK_BYTES(media_buffer_info(end.completion.result).data, file.data + 64, 12);
  job_check_end(&end, 1, SPDL_OK);
  spdl_queue_free(queue);
  spdl_memory_free(memory);
  check_tag_released(7);
  media_free(&file);
}

CHECK_MAIN(CHECK_TEST(wav_header), CHECK_TEST(wav_in_place), CHECK_TEST(wav_windows),
           CHECK_TEST(wav_copies), CHECK_TEST(refused_wavs), CHECK_TEST(wav_limits),
           CHECK_TEST(submitted_wav), CHECK_TEST(npy_header), CHECK_TEST(npy_elements),
           CHECK_TEST(npy_limits_and_jobs))
