/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/decode.h: filters, decoders, corruption. Windows are in window.c. */
#include "spdl/decode.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

static spdl_packets *packets_of(const char *name, int32_t media) {
  spdl_source *source = media_open(name);
  spdl_packets *packets = media_demux(source, media);
  spdl_source_free(source);
  return packets;
}

static spdl_status decode_with(const spdl_packets *packets, const spdl_decode_options *options,
                               spdl_frames_info *out_info, spdl_error *err) {
  spdl_frames *frames = NULL;
  const spdl_status status = spdl_packets_decode(packets, options, NULL, &frames, err);
  CHECK((status == SPDL_OK) == (frames != NULL));
  if (frames && out_info) {
    *out_info = (spdl_frames_info){.struct_size = sizeof(*out_info)};
    CHECK_EQ(spdl_frames_get_info(frames, out_info, NULL), SPDL_OK);
  }
  spdl_frames_free(frames);
  return status;
}

/* The format that comes out of each kind of filter. */
static void formats(void) {
  static const struct {
    const char *file;
    int32_t media;
    uint32_t filter;
    const char *filter_desc;
    const char *format;
  } rows[] = {
      {PICTURE_JPG, SPDL_MEDIA_IMAGE, SPDL_FILTER_DEFAULT, NULL, "rgb24"},
      {PICTURE_JPG, SPDL_MEDIA_IMAGE, SPDL_FILTER_NONE, NULL, "yuvj420p"},
      {PICTURE_JPG, SPDL_MEDIA_IMAGE, SPDL_FILTER_CUSTOM, "format=gray", "gray"},
      {PICTURE_PNG, SPDL_MEDIA_IMAGE, SPDL_FILTER_NONE, NULL, "rgb24"},
      {PICTURE_PNG, SPDL_MEDIA_IMAGE, SPDL_FILTER_CUSTOM, "hflip", "rgb24"},
      {VIDEO_MP4, SPDL_MEDIA_VIDEO, SPDL_FILTER_DEFAULT, NULL, "rgb24"},
      {VIDEO_MP4, SPDL_MEDIA_VIDEO, SPDL_FILTER_NONE, NULL, "yuv420p"},
      {VIDEO_MP4, SPDL_MEDIA_VIDEO, SPDL_FILTER_CUSTOM, "format=nv12", "nv12"},
      {VIDEO_MP4, SPDL_MEDIA_AUDIO, SPDL_FILTER_DEFAULT, NULL, "fltp"},
      {VIDEO_MP4, SPDL_MEDIA_AUDIO, SPDL_FILTER_CUSTOM, "aformat=s16", "s16"},
      {TONE_M4A, SPDL_MEDIA_AUDIO, SPDL_FILTER_NONE, NULL, "fltp"},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    spdl_packets *packets = packets_of(rows[i].file, rows[i].media);
    const spdl_decode_options options = {.struct_size = sizeof(options),
                                         .filter = rows[i].filter,
                                         .filter_desc = rows[i].filter_desc};
    spdl_frames_info info;
    CHECK_OK(decode_with(packets, &options, &info, ERR));
    CHECK_STRING(info.format, rows[i].format);
    CHECK_EQ(info.media, rows[i].media);
    CHECK_EQ(info.num_corrupt, 0);
    spdl_packets_free(packets);
  }
}

static void filters_change_frames(void) {
  spdl_packets *packets = packets_of(VIDEO_MP4, SPDL_MEDIA_VIDEO);
  spdl_decode_options options = {.struct_size = sizeof(options), .filter = SPDL_FILTER_CUSTOM};
  spdl_frames_info info;
  options.filter_desc = "scale=64:48,format=rgb24";
  CHECK_OK(decode_with(packets, &options, &info, ERR));
  CHECK(info.width == 64 && info.height == 48 && info.num_frames == 50);
  options.filter_desc = "fps=50/1";
  CHECK_OK(decode_with(packets, &options, &info, ERR));
  CHECK_EQ(info.num_frames, 100);
  options.filter_desc = "fps=5";
  CHECK_OK(decode_with(packets, &options, &info, ERR));
  CHECK_EQ(info.num_frames, 10);
  spdl_packets_free(packets);
  packets = packets_of(TONE_M4A, SPDL_MEDIA_AUDIO);
  options.filter_desc = "aresample=16000,aformat=channel_layouts=1c:sample_fmts=fltp";
  CHECK_OK(decode_with(packets, &options, &info, ERR));
  CHECK(info.sample_rate == 16000 && info.num_channels == 1);
  CHECK(info.num_frames > 15500 && info.num_frames < 17000);
  spdl_packets_free(packets);
}

static void wrong_filters(void) {
  static const char *const descriptions[] = {"no_such_filter", "scale=w=:h",          "", "hflip,",
                                             "[in]hflip[mid]", "scale=nosuchoption=1"};
  spdl_packets *packets = packets_of(PICTURE_JPG, SPDL_MEDIA_IMAGE);
  for (size_t i = 0; i < sizeof(descriptions) / sizeof(descriptions[0]); ++i) {
    char text[200];
    snprintf(text, sizeof(text), "Failed to parse the filter description: %s (", descriptions[i]);
    const spdl_decode_options options = {.struct_size = sizeof(options),
                                         .filter = SPDL_FILTER_CUSTOM,
                                         .filter_desc = descriptions[i]};
    CHECK_ERROR(SPDL_E_FILTER, text, decode_with(packets, &options, NULL, ERR));
    CHECK_EQ(check_last_error()->origin, SPDL_ORIGIN_FILTER);
  }
  /* Well-formed, but for the other kind of media. */
  const spdl_decode_options options = {.struct_size = sizeof(options),
                                       .filter = SPDL_FILTER_CUSTOM,
                                       .filter_desc = "aresample=8000"};
  CHECK_STATUS(SPDL_E_FILTER, decode_with(packets, &options, NULL, ERR));
  spdl_packets_free(packets);
}

static void decoders_by_name(void) {
  spdl_packets *packets = packets_of(PICTURE_JPG, SPDL_MEDIA_IMAGE);
  spdl_decode_options options = {.struct_size = sizeof(options), .decoder = "mjpeg"};
  CHECK_OK(decode_with(packets, &options, NULL, ERR));
  options.decoder = "no_such_codec";
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "Unsupported codec: no_such_codec",
              decode_with(packets, &options, NULL, ERR));
  options.decoder = "libx264"; /* An encoder. */
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "Unsupported codec: libx264",
              decode_with(packets, &options, NULL, ERR));
  options.decoder = "aac"; /* Of the other kind of media. */
  CHECK(decode_with(packets, &options, NULL, ERR) < 0);
  options.decoder = "png"; /* Of another codec. */
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "Unsupported codec: the decoder png decodes png, not mjpeg",
              decode_with(packets, &options, NULL, ERR));
  spdl_packets_free(packets);
}

static void decoder_options(void) {
  const spdl_option all[] = {{"threads", "2"}, {"apple", "1"}, {"pear", "1"}};
  spdl_decode_options options = {
      .struct_size = sizeof(options), .decoder_options = all, .num_decoder_options = 1};
  spdl_packets *packets = packets_of(VIDEO_MP4, SPDL_MEDIA_VIDEO);
  spdl_frames_info info;
  CHECK_OK(decode_with(packets, &options, &info, ERR));
  CHECK_EQ(info.num_frames, 50);
  options.num_decoder_options = 2;
  CHECK_ERROR(SPDL_E_OPTION, "Unexpected options: apple",
              decode_with(packets, &options, NULL, ERR));
  options.num_decoder_options = 3;
  CHECK_ERROR(SPDL_E_OPTION, "Unexpected options: apple, pear for the decoder ",
              decode_with(packets, &options, NULL, ERR));
  spdl_packets_free(packets);
}

/* Decoding stops early; the frames are the first ones. */
static void num_frames(void) {
  static const int64_t wanted[] = {1, 7, 50, 51};
  spdl_packets *packets = packets_of(VIDEO_MP4, SPDL_MEDIA_VIDEO);
  spdl_frames *all = media_decode(packets, NULL);
  spdl_buffer *reference = media_convert(all);
  for (int i = 0; i < 4; ++i) {
    const spdl_decode_options options = {.struct_size = sizeof(options), .num_frames = wanted[i]};
    spdl_frames *frames = NULL;
    CHECK_OK(spdl_packets_decode(packets, &options, NULL, &frames, ERR));
    CHECK_EQ(media_frames_info(frames).num_frames, wanted[i] < 50 ? wanted[i] : 50);
    spdl_buffer *buffer = media_convert(frames);
    const spdl_buffer_info info = media_buffer_info(buffer);
    CHECK_BYTES(info.data, media_buffer_info(reference).data, info.size);
    spdl_buffer_free(buffer);
    spdl_frames_free(frames);
  }
  spdl_buffer_free(reference);
  spdl_frames_free(all);
  spdl_packets_free(packets);
}

static void num_frames_counts_after_the_filter(void) {
  spdl_packets *packets = packets_of(VIDEO_MP4, SPDL_MEDIA_VIDEO);
  const spdl_decode_options options = {.struct_size = sizeof(options),
                                       .filter = SPDL_FILTER_CUSTOM,
                                       .filter_desc = "fps=5",
                                       .num_frames = 4};
  spdl_frames_info info;
  CHECK_OK(decode_with(packets, &options, &info, ERR));
  CHECK_EQ(info.num_frames, 4);
  spdl_packets_free(packets);
}

static void num_frames_of_sound_are_blocks(void) {
  spdl_packets *packets = packets_of(TONE_M4A, SPDL_MEDIA_AUDIO);
  const spdl_decode_options options = {
      .struct_size = sizeof(options), .filter = SPDL_FILTER_NONE, .num_frames = 3};
  spdl_frames_info info;
  CHECK_OK(decode_with(packets, &options, &info, ERR));
  CHECK_EQ(info.num_timestamps, 3);
  CHECK(info.num_frames > 2 * 1024 - 1024 && info.num_frames <= 3 * 1024);
  spdl_packets_free(packets);
}

/* ---- damage ---- */

/* The bytes of PICTURES_NUT with the signature of the PNG pictures in a mask broken. */
static media_bytes break_pictures(unsigned mask) {
  media_bytes bytes = media_read(PICTURES_NUT);
  int num_found = 0;
  for (size_t i = 0; i + 8 < bytes.size; ++i) {
    if (memcmp(bytes.data + i, "\x89PNG\r\n\x1a\n", 8) != 0) continue;
    if (mask & (1u << num_found)) memcpy(bytes.data + i, "\x89GNP\r\n\x1a\n", 8);
    ++num_found;
  }
  CHECK_EQ(num_found, 5);
  return bytes;
}

static void check_damaged(unsigned mask, uint32_t flags, spdl_status status, int num_frames) {
  media_bytes bytes = break_pictures(mask);
  spdl_source *source = media_open_bytes(&bytes, 1);
  spdl_packets *packets = media_demux(source, SPDL_MEDIA_VIDEO);
  const spdl_decode_options options = {.struct_size = sizeof(options), .flags = flags};
  spdl_frames_info info;
  CHECK_STATUS(status, decode_with(packets, &options, &info, ERR));
  if (status == SPDL_OK) {
    CHECK_EQ(info.num_frames, num_frames);
    CHECK_EQ(info.num_corrupt, 5 - num_frames);
  } else {
    CHECK(strstr(check_last_error()->message, "<Bytes: 0x") != NULL);
    CHECK_EQ(check_last_error()->origin, SPDL_ORIGIN_DECODE);
  }
  spdl_packets_free(packets);
  spdl_source_free(source);
  check_tag_released(1);
  media_free(&bytes);
}

static void damaged_packets(void) {
  check_damaged(0x00, 0, SPDL_OK, 5);
  check_damaged(0x00, SPDL_DECODE_STRICT, SPDL_OK, 5);
  check_damaged(0x04, 0, SPDL_OK, 4);
  check_damaged(0x11, 0, SPDL_OK, 3);
  check_damaged(0x04, SPDL_DECODE_STRICT, SPDL_E_CORRUPT, 0);
  check_damaged(0x10, SPDL_DECODE_STRICT, SPDL_E_CORRUPT, 0);
  check_damaged(0x1f, 0, SPDL_E_CORRUPT, 0); /* Nothing decoded. */
}

static void truncated_pictures(void) {
  media_bytes whole = media_read(PICTURE_PNG);
  int num_failed = 0;
  for (size_t size = 0; size < whole.size; size += 31) {
    const media_bytes cut = {whole.data, size};
    spdl_source *source = media_open_bytes(&cut, 1);
    spdl_buffer *buffer = NULL;
    const spdl_status status = spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, ERR);
    CHECK(status == SPDL_OK || status == SPDL_E_CORRUPT);
    num_failed += status != SPDL_OK;
    spdl_buffer_free(buffer);
    spdl_source_free(source);
    check_tag_released(1);
  }
  CHECK(num_failed > 1);
  media_free(&whole);
}

CHECK_MAIN(CHECK_TEST(formats), CHECK_TEST(filters_change_frames), CHECK_TEST(wrong_filters),
           CHECK_TEST(decoders_by_name), CHECK_TEST(decoder_options), CHECK_TEST(num_frames),
           CHECK_TEST(num_frames_counts_after_the_filter),
           CHECK_TEST(num_frames_of_sound_are_blocks), CHECK_TEST(damaged_packets),
           CHECK_TEST(truncated_pictures))
