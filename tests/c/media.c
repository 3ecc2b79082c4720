/* SPDX-License-Identifier: BSD-2-Clause */
#include "media.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"

const char *media_path(const char *name) {
  static _Thread_local char paths[8][512];
  static _Thread_local unsigned next;
  const char *folder = getenv("SPDL_TEST_MEDIA");
  if (!folder) check_skip("SPDL_TEST_MEDIA does not name a folder of test media");
  char *path = paths[next++ % 8];
  const int length = snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
  CHECK(length > 0 && (size_t)length < sizeof(paths[0]));
  return path;
}

static media_bytes allocate(size_t size) {
  const media_bytes bytes = {malloc(size ? size : 1), size};
  CHECK(bytes.data != NULL);
  return bytes;
}

media_bytes media_read(const char *name) {
  FILE *file = fopen(media_path(name), "rb");
  if (!file) check_skip("a test file is missing; make_media.py could not make it");
  CHECK(fseek(file, 0, SEEK_END) == 0);
  media_bytes bytes = allocate((size_t)ftell(file));
  rewind(file);
  CHECK_EQ(fread(bytes.data, 1, bytes.size, file), bytes.size);
  fclose(file);
  return bytes;
}

void media_repeat(media_bytes *bytes, size_t count) {
  media_bytes longer = allocate(bytes->size * count);
  for (size_t i = 0; i < count; ++i)
    memcpy(longer.data + i * bytes->size, bytes->data, bytes->size);
  media_free(bytes);
  *bytes = longer;
}

media_bytes media_make_ppm(int width, int height) {
  char header[64];
  const size_t start = (size_t)snprintf(header, sizeof(header), "P6\n%d %d\n255\n", width, height);
  media_bytes bytes = allocate(start + (size_t)width * (size_t)height * 3);
  memcpy(bytes.data, header, start);
  unsigned char *pixel = bytes.data + start;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      *pixel++ = (unsigned char)x;
      *pixel++ = (unsigned char)y;
      *pixel++ = (unsigned char)(x ^ y);
    }
  return bytes;
}

int16_t media_sample(int64_t index, int channel) {
  return (int16_t)((index + 1000 * channel) & 0x7fff);
}

static unsigned char *put_little_endian(unsigned char *at, uint32_t value, int num_bytes) {
  for (int i = 0; i < num_bytes; ++i) *at++ = (unsigned char)(value >> (8 * i));
  return at;
}

media_bytes media_make_wav(int sample_rate, int num_channels, int num_samples) {
  const uint32_t rate = (uint32_t)sample_rate;
  const uint32_t block = (uint32_t)num_channels * 2;
  const uint32_t payload = (uint32_t)num_samples * block;
  media_bytes bytes = allocate(44 + payload);
  unsigned char *at = bytes.data;
  memcpy(at, "RIFF", 4);
  at = put_little_endian(at + 4, 36 + payload, 4);
  memcpy(at, "WAVEfmt ", 8);
  at = put_little_endian(at + 8, 16, 4);
  at = put_little_endian(at, 1, 2); /* PCM */
  at = put_little_endian(at, (uint32_t)num_channels, 2);
  at = put_little_endian(at, rate, 4);
  at = put_little_endian(at, rate * block, 4);
  at = put_little_endian(at, block, 2);
  at = put_little_endian(at, 16, 2);
  memcpy(at, "data", 4);
  at = put_little_endian(at + 4, payload, 4);
  for (int i = 0; i < num_samples; ++i)
    for (int c = 0; c < num_channels; ++c)
      at = put_little_endian(at, (uint16_t)media_sample(i, c), 2);
  return bytes;
}

static uint32_t crc32_of(const unsigned char *data, size_t size) {
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < size; ++i) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

/* What the header of a member and its entry in the directory have in common, from the version that
 * is needed on, to the size of the name. */
static unsigned char *put_member(unsigned char *at, const unsigned char *data, uint32_t size) {
  at = put_little_endian(at, 20, 2); /* Version 2.0. */
  memset(at, 0, 8);                  /* No flags, stored, no date. */
  at = put_little_endian(at + 8, crc32_of(data, size), 4);
  at = put_little_endian(at, size, 4);
  at = put_little_endian(at, size, 4);
  return put_little_endian(at, 1, 2);
}

media_bytes media_make_zip(void) {
  static const unsigned char content[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  static const uint32_t sizes[2] = {10, 0}, offsets[2] = {0, 41};
  media_bytes bytes = allocate(41 + 31 + 2 * 47 + 22);
  memset(bytes.data, 0, bytes.size);
  unsigned char *at = bytes.data;
  for (int i = 0; i < 2; ++i) {
    memcpy(at, "PK\3\4", 4);
    at = put_member(at + 4, content, sizes[i]) + 2;
    *at++ = (unsigned char)('a' + i);
    memcpy(at, content, sizes[i]);
    at += sizes[i];
  }
  for (int i = 0; i < 2; ++i) {
    memcpy(at, "PK\1\2", 4);
    at = put_member(at + 6, content, sizes[i]) + 12;
    at = put_little_endian(at, offsets[i], 4);
    *at++ = (unsigned char)('a' + i);
  }
  memcpy(at, "PK\5\6", 4);
  at = put_little_endian(at + 8, 2, 2);
  at = put_little_endian(at, 2, 2);
  at = put_little_endian(at, 2 * 47, 4);
  at = put_little_endian(at, 72, 4);
  CHECK(at + 2 == bytes.data + bytes.size);
  return bytes;
}

void media_free(media_bytes *bytes) {
  free(bytes->data);
  *bytes = (media_bytes){NULL, 0};
}

spdl_source *media_open(const char *name) {
  spdl_source *source = NULL;
  CHECK_OK(spdl_source_from_path(media_path(name), NULL, &source, ERR));
  return source;
}

spdl_source *media_open_bytes(const media_bytes *bytes, uint64_t tag) {
  spdl_memory *memory = NULL;
  spdl_source *source = NULL;
  CHECK_OK(spdl_memory_borrow(bytes->data, bytes->size, 0, tag, &memory, ERR));
  CHECK_OK(spdl_source_from_memory(memory, NULL, &source, ERR));
  spdl_memory_free(memory);
  return source;
}

spdl_packets *media_demux(const spdl_source *source, int32_t media) {
  spdl_packets *packets = NULL;
  CHECK_OK(spdl_source_demux(source, media, NULL, NULL, NULL, &packets, ERR));
  return packets;
}

spdl_frames *media_decode(const spdl_packets *packets, const char *filter_desc) {
  const spdl_decode_options options = {
      .struct_size = sizeof(options),
      .filter = filter_desc ? SPDL_FILTER_CUSTOM : SPDL_FILTER_DEFAULT,
      .filter_desc = filter_desc};
  spdl_frames *frames = NULL;
  CHECK_OK(spdl_packets_decode(packets, &options, NULL, &frames, ERR));
  return frames;
}

spdl_buffer *media_convert(const spdl_frames *frames) {
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_frames_convert(&frames, 1, NULL, NULL, &buffer, ERR));
  return buffer;
}

spdl_buffer *media_load(const spdl_source *source, int32_t media) {
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_source_load(source, media, NULL, NULL, &buffer, ERR));
  return buffer;
}

spdl_buffer_info media_buffer_info(const spdl_buffer *buffer) {
  spdl_buffer_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_buffer_get_info(buffer, &info, ERR));
  return info;
}

spdl_frames_info media_frames_info(const spdl_frames *frames) {
  spdl_frames_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_frames_get_info(frames, &info, ERR));
  return info;
}

void media_check_equal(const spdl_buffer *a, const spdl_buffer *b) {
  const spdl_buffer_info first = media_buffer_info(a);
  const spdl_buffer_info second = media_buffer_info(b);
  media_check_shape(a, second.num_dims, second.shape);
  CHECK_STRING(first.typestr, second.typestr);
  CHECK_EQ(first.size, second.size);
  CHECK_BYTES(first.data, second.data, first.size);
}

void media_check_shape(const spdl_buffer *buffer, uint32_t num_dims, const int64_t *shape) {
  const spdl_buffer_info info = media_buffer_info(buffer);
  CHECK_EQ(info.num_dims, num_dims);
  for (uint32_t i = 0; i < num_dims; ++i) CHECK_EQ(info.shape[i], shape[i]);
}
