/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Test media: files made by `make_media.py`, and small ones made in memory whose every pixel and
 * sample is known.
 */
#ifndef SPDL_TESTS_C_MEDIA_H
#define SPDL_TESTS_C_MEDIA_H

#include <stddef.h>
#include <stdint.h>

#include "spdl/spdl.h"

/* What make_media.py makes. */
#define PICTURE_JPG "picture.jpg" /* 96 x 64, yuvj420p. */
#define PICTURE_PNG "picture.png" /* 96 x 64, rgb24. */
#define VIDEO_MP4                                                                                 \
  "video.mp4"                       /* 160 x 120 H.264 with B-frames, 50 frames at 25 Hz, one key \
                                       frame; AAC, mono, 44.1 kHz. The index is at the end. */
#define TONE_M4A "tone.m4a"         /* AAC, stereo, 48 kHz, 1 s. */
#define PICTURES_NUT "pictures.nut" /* Five PNG pictures of 32 x 24 as a video. */
#define RAW_NUT "raw.nut"           /* rawvideo, rgb24, five frames of 32 x 24 at 5 Hz. */
#define HEAVY_H264 "heavy.h264"     /* 1280 x 720, elementary: repeat its bytes for a longer one. */
#define NESTED_LIST "nested.jpg"    /* A list of FFmpeg's concat demuxer that names video.mp4. */

#define PICTURE_WIDTH 96
#define PICTURE_HEIGHT 64
#define PICTURE_SIZE (PICTURE_WIDTH * PICTURE_HEIGHT * 3)

/** The path of a test file, in memory that a few further calls on this thread reuse. Ends the
 * program as skipped if there are no test files. */
const char *media_path(const char *name);

/** Bytes in memory of their own. */
typedef struct media_bytes {
  unsigned char *data;
  size_t size;
} media_bytes;

media_bytes media_read(const char *name);
/** `count` copies of the bytes in a row, in place of them. */
void media_repeat(media_bytes *bytes, size_t count);
/** A PPM picture: the pixel at (x, y) is (x, y, x ^ y), all mod 256. */
media_bytes media_make_ppm(int width, int height);
/** A WAV file of s16 samples: sample k of channel c is (k + 1000 c) mod 2^15. */
media_bytes media_make_wav(int sample_rate, int num_channels, int num_samples);
/** A zip archive of two stored members: "a", the bytes 0 to 9, and "b", no bytes. The bytes of "a"
 * are at MEDIA_ZIP_DATA. */
media_bytes media_make_zip(void);
#define MEDIA_ZIP_DATA 31
void media_free(media_bytes *bytes);

/** The value that media_make_wav() gives to a sample. */
int16_t media_sample(int64_t index, int channel);

/** A source for a test file. */
spdl_source *media_open(const char *name);
/** A source for bytes, which are lent under a tag; the caller drains it. */
spdl_source *media_open_bytes(const media_bytes *bytes, uint64_t tag);

/** Shorthands that check: all with default options. */
spdl_packets *media_demux(const spdl_source *source, int32_t media);
spdl_frames *media_decode(const spdl_packets *packets, const char *filter_desc);
spdl_buffer *media_convert(const spdl_frames *frames);
spdl_buffer *media_load(const spdl_source *source, int32_t media);
spdl_buffer_info media_buffer_info(const spdl_buffer *buffer);
spdl_frames_info media_frames_info(const spdl_frames *frames);

/** Both buffers have the same shape and bytes. */
void media_check_equal(const spdl_buffer *a, const spdl_buffer *b);
/** A shape, compared dimension by dimension. */
void media_check_shape(const spdl_buffer *buffer, uint32_t num_dims, const int64_t *shape);
#define MEDIA_CHECK_SHAPE(buffer, ...)                                                \
  media_check_shape(buffer, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t), \
                    (const int64_t[]){__VA_ARGS__})

#endif /* SPDL_TESTS_C_MEDIA_H */
