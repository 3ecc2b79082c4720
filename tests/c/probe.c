/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/probe.h: what an open source says of itself and of its streams. */
#include "spdl/probe.h"

#include <math.h>

#include "check.h"
#include "media.h"

static spdl_demuxer *open_file(const char *name) {
  spdl_source *source = media_open(name);
  spdl_demuxer *demuxer = NULL;
  CHECK_OK(spdl_demuxer_open(source, NULL, NULL, &demuxer, ERR));
  spdl_source_free(source);
  return demuxer;
}

static spdl_stream_info stream_of(const spdl_demuxer *demuxer, uint32_t index) {
  spdl_stream_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_demuxer_get_stream(demuxer, index, &info, ERR));
  return info;
}

static double in_seconds(spdl_rational time) { return (double)time.num / (double)time.den; }

static void video(void) {
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  spdl_container_info container = {.struct_size = sizeof(container)};
  CHECK_OK(spdl_demuxer_get_container(demuxer, &container, ERR));
  CHECK(strstr(container.format, "mp4") != NULL);
  CHECK(container.description[0] != 0);
  CHECK_EQ(container.known, SPDL_KNOWN_START_TIME | SPDL_KNOWN_DURATION);
  CHECK_CLOSE(in_seconds(container.duration), 2, 0.1);
  CHECK(container.bit_rate > 0);
  CHECK(container.num_metadata > 0);
  int has_brand = 0;
  for (uint32_t i = 0; i < container.num_metadata; ++i)
    has_brand |= strcmp(container.metadata[i].name, "major_brand") == 0;
  CHECK(has_brand);
  int num_videos = 0;
  for (uint32_t i = 0; i < container.num_streams; ++i) {
    const spdl_stream_info info = stream_of(demuxer, i);
    CHECK(info.time_base.num > 0 && info.time_base.den > 0);
    if (info.kind != SPDL_STREAM_VIDEO) continue;
    ++num_videos;
    CHECK_STRING(info.format, "yuv420p");
    CHECK_EQ(info.width, 160);
    CHECK_EQ(info.height, 120);
    CHECK_EQ(info.num_frames, 50);
    CHECK_EQ(info.frame_rate.num, 25 * info.frame_rate.den);
    CHECK_CLOSE(in_seconds(info.duration), 2, 1e-9);
    CHECK_EQ(info.disposition, SPDL_DISPOSITION_DEFAULT);
    CHECK(info.rotation == 0);
    CHECK(info.sample_rate == 0 && info.num_channels == 0);
    CHECK_STRING(info.channel_layout, "");
  }
  CHECK_EQ(num_videos, 1);
  spdl_demuxer_free(demuxer);
}

static void sound(void) {
  media_bytes file = media_make_wav(8000, 2, 4000);
  spdl_source *source = media_open_bytes(&file, 1);
  spdl_demuxer *demuxer = NULL;
  CHECK_OK(spdl_demuxer_open(source, NULL, NULL, &demuxer, ERR));
  spdl_source_free(source);
  const spdl_stream_info info = stream_of(demuxer, 0);
  CHECK_EQ(info.kind, SPDL_STREAM_AUDIO);
  CHECK_STRING(info.codec, "pcm_s16le");
  CHECK_STRING(info.format, "s16");
  CHECK_EQ(info.sample_rate, 8000);
  CHECK_EQ(info.num_channels, 2);
  CHECK_EQ(info.bits_per_sample, 16);
  CHECK_EQ(info.bit_rate, 8000 * 2 * 16);
  CHECK_CLOSE(in_seconds(info.duration), 0.5, 1e-9);
  CHECK(info.width == 0 && info.height == 0);
  CHECK_STRING(info.color_range, "");
  spdl_demuxer_free(demuxer);
  check_tag_released(1);
  media_free(&file);
}

static void wrong_streams(void) {
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  spdl_stream_info info = {.struct_size = sizeof(info)};
  CHECK_STATUS(SPDL_E_INVALID, spdl_demuxer_get_stream(demuxer, 1000, &info, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_demuxer_get_stream(demuxer, UINT32_MAX, &info, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_demuxer_get_stream(NULL, 0, &info, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_demuxer_get_stream(demuxer, 0, NULL, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_demuxer_get_container(demuxer, NULL, ERR));
  spdl_container_info container = {.struct_size = sizeof(container)};
  CHECK_STATUS(SPDL_E_INVALID, spdl_demuxer_get_container(NULL, &container, ERR));
  CHECK(info.codec == NULL && container.format == NULL);
  spdl_demuxer_free(demuxer);
}

CHECK_MAIN(CHECK_TEST(video), CHECK_TEST(sound), CHECK_TEST(wrong_streams))
