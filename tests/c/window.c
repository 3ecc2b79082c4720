/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows are cut on decoded frames before the filter: exact to the frame and to the sample,
 * whatever the filter is. */
#include <stdlib.h>

#include "check.h"
#include "media.h"

static const struct {
  uint32_t filter;
  const char *picture_desc;
  const char *sound_desc;
} filters[] = {
    {SPDL_FILTER_DEFAULT, NULL, NULL},
    {SPDL_FILTER_NONE, NULL, NULL},
    {SPDL_FILTER_CUSTOM, "hflip", "volume=1.0"},
    {SPDL_FILTER_CUSTOM, "setpts=PTS+3/TB,scale=32:24", "aformat=s16p"},
};
enum { NUM_FILTERS = 4 };

static spdl_demuxer *open_demuxer(const spdl_source *source) {
  spdl_demuxer *demuxer = NULL;
  CHECK_OK(spdl_demuxer_open(source, NULL, NULL, &demuxer, ERR));
  return demuxer;
}

static spdl_frames *decode_window(const spdl_demuxer *demuxer, int32_t media, spdl_rational start,
                                  spdl_rational end, int filter) {
  const spdl_window window = {.struct_size = sizeof(window),
                              .flags = SPDL_WINDOW_START | SPDL_WINDOW_END,
                              .start = start,
                              .end = end};
  const spdl_decode_options decode = {.struct_size = sizeof(decode),
                                      .filter = filters[filter].filter,
                                      .filter_desc = media == SPDL_MEDIA_AUDIO
                                                         ? filters[filter].sound_desc
                                                         : filters[filter].picture_desc};
  spdl_packets *packets = NULL;
  spdl_frames *frames = NULL;
  CHECK_OK(spdl_demuxer_demux(demuxer, media, &window, NULL, &packets, ERR));
  CHECK_OK(spdl_packets_decode(packets, &decode, NULL, &frames, ERR));
  spdl_packets_free(packets);
  return frames;
}

/* ---- video: frame i is at i / 25 s ---- */

static void check_video(const spdl_source *source, spdl_rational start, spdl_rational end,
                        int first, int num) {
  spdl_packets *packets = media_demux(source, SPDL_MEDIA_VIDEO);
  spdl_demuxer *demuxer = open_demuxer(source);
  for (int filter = 0; filter < NUM_FILTERS; ++filter) {
    spdl_frames *frames = decode_window(demuxer, SPDL_MEDIA_VIDEO, start, end, filter);
    const spdl_frames_info info = media_frames_info(frames);
    CHECK_EQ(info.num_frames, num);
    if (filter < 3 && num > 0) {
      int64_t pts[64];
      size_t num_pts = 0;
      CHECK_OK(spdl_frames_get_pts(frames, pts, 64, &num_pts, ERR));
      CHECK_EQ(num_pts, num);
      for (int i = 0; i < num; ++i)
        CHECK_EQ(pts[i] * info.time_base.num * 25, (first + i) * info.time_base.den);
    }
    if (filter == 0 && num > 0) { /* They are the frames that a whole decode gives. */
      spdl_frames *all = media_decode(packets, NULL);
      spdl_buffer *reference = media_convert(all), *buffer = media_convert(frames);
      const size_t frame_size = 160 * 120 * 3;
      const unsigned char *expected = media_buffer_info(reference).data;
      CHECK_BYTES(media_buffer_info(buffer).data, expected + (size_t)first * frame_size,
                  (size_t)num * frame_size);
      spdl_buffer_free(buffer);
      spdl_buffer_free(reference);
      spdl_frames_free(all);
    }
    spdl_frames_free(frames);
  }
  spdl_demuxer_free(demuxer);
  spdl_packets_free(packets);
}

static void video(void) {
  spdl_source *source = media_open(VIDEO_MP4);
  check_video(source, (spdl_rational){1, 2}, (spdl_rational){1, 1}, 13, 12);
  check_video(source, (spdl_rational){13, 25}, (spdl_rational){14, 25}, 13, 1);
  check_video(source, (spdl_rational){-1, 1}, (spdl_rational){1, 3}, 0, 9);
  check_video(source, (spdl_rational){5, 3}, (spdl_rational){100, 1}, 42, 8);
  check_video(source, (spdl_rational){0, 1}, (spdl_rational){2, 1}, 0, 50);
  spdl_source_free(source);
}

static void empty_video(void) {
  spdl_source *source = media_open(VIDEO_MP4);
  spdl_demuxer *demuxer = open_demuxer(source);
  const spdl_rational windows[][2] = {{{3, 1}, {4, 1}},
                                      {{1, 1}, {1, 1}},
                                      {{1, 1}, {1, 2}},
                                      {{-3, 1}, {-2, 1}},
                                      {{51, 100}, {52, 100}}};
  for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); ++i)
    for (int filter = 0; filter < NUM_FILTERS; ++filter) {
      spdl_frames *frames =
          decode_window(demuxer, SPDL_MEDIA_VIDEO, windows[i][0], windows[i][1], filter);
      const spdl_frames_info info = media_frames_info(frames);
      CHECK_EQ(info.num_frames, 0);
      CHECK_STRING(info.format, "");
      CHECK(info.width == 0 && info.height == 0 && info.num_planes == 0);
      CHECK_EQ(info.num_timestamps, 0);
      spdl_frames_free(frames);
    }
  spdl_demuxer_free(demuxer);
  spdl_source_free(source);
}

/* A filter that counts sees the window alone, and what it pads is not cut again. */
static void counting_filters(void) {
  static const struct {
    const char *filter_desc;
    int64_t num_frames;
  } rows[] = {{"trim=end_frame=15", 15},
              {"tpad=stop=-1:stop_mode=clone,trim=end_frame=50", 50},
              {"trim=start_frame=20", 5},
              {"fps=50", 50}};
  spdl_source *source = media_open(VIDEO_MP4);
  const spdl_window window = {.struct_size = sizeof(window),
                              .flags = SPDL_WINDOW_START | SPDL_WINDOW_END,
                              .start = {1, 1},
                              .end = {2, 1}};
  spdl_packets *packets = NULL;
  CHECK_OK(spdl_source_demux(source, SPDL_MEDIA_VIDEO, &window, NULL, NULL, &packets, ERR));
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    spdl_frames *frames = media_decode(packets, rows[i].filter_desc);
    CHECK_EQ(media_frames_info(frames).num_frames, rows[i].num_frames);
    spdl_frames_free(frames);
  }
  spdl_packets_free(packets);
  spdl_source_free(source);
}

/* ---- sound: sample k is at k / rate s ---- */

/* The number of the first sample at or after a time. */
static int64_t sample_at(spdl_rational time, int64_t rate, int64_t num_samples) {
  const int64_t scaled = time.num * rate;
  int64_t index = scaled / time.den;
  if (index * time.den < scaled) ++index;
  return index < 0 ? 0 : index > num_samples ? num_samples : index;
}

static void check_samples(const spdl_frames *frames, int64_t first, int64_t num, int filter) {
  CHECK_EQ(media_frames_info(frames).num_frames, num);
  if (num == 0) return;
  spdl_buffer *buffer = media_convert(frames);
  const spdl_buffer_info info = media_buffer_info(buffer);
  for (int64_t i = 0; i < num; ++i)
    for (int channel = 0; channel < 2; ++channel) {
      const int16_t expected = media_sample(first + i, channel);
      if (filter == 0) /* fltp */
        CHECK_CLOSE(((const float *)info.data)[channel * num + i], expected / 32768.0, 0);
      if (filter == 1) /* s16 */
        CHECK_EQ(((const int16_t *)info.data)[i * 2 + channel], expected);
      if (filter == 3) /* s16p */
        CHECK_EQ(((const int16_t *)info.data)[channel * num + i], expected);
    }
  CHECK_EQ(info.num_pts, 1);
  CHECK_CLOSE(info.pts[0], (double)first / 8000, 1e-9);
  spdl_buffer_free(buffer);
}

static void sound_is_exact_to_the_sample(void) {
  enum { RATE = 8000, NUM_SAMPLES = 12345 };
  static const spdl_rational times[] = {{-1, 1}, {0, 1},        {1, 16000},    {1, 8000},
                                        {1, 3},  {8191, 16000}, {1, 2},        {333333, 1000000},
                                        {7, 7},  {12344, 8000}, {12345, 8000}, {9, 1}};
  const size_t num_times = sizeof(times) / sizeof(times[0]);
  media_bytes file = media_make_wav(RATE, 2, NUM_SAMPLES);
  spdl_source *source = media_open_bytes(&file, 1);
  spdl_demuxer *demuxer = open_demuxer(source);
  for (size_t s = 0; s < num_times; ++s)
    for (size_t e = 0; e < num_times; ++e)
      for (int filter = 0; filter < NUM_FILTERS; ++filter) {
        const int64_t first = sample_at(times[s], RATE, NUM_SAMPLES);
        const int64_t last = sample_at(times[e], RATE, NUM_SAMPLES);
        spdl_frames *frames = decode_window(demuxer, SPDL_MEDIA_AUDIO, times[s], times[e], filter);
        check_samples(frames, first, last > first ? last - first : 0, filter);
        spdl_frames_free(frames);
      }
  spdl_demuxer_free(demuxer);
  spdl_source_free(source);
  check_tag_released(1);
  media_free(&file);
}

/* Neighbouring windows split a compressed stream without loss or overlap, and what a decoder needs
 * from before a window has come along. */
static void windows_tile_compressed_sound(void) {
  static const spdl_rational bounds[] = {{-1, 1},      {1, 10},    {1, 3},
                                         {4800, 9601}, {700, 999}, {100, 1}};
  spdl_source *source = media_open(TONE_M4A);
  spdl_demuxer *demuxer = open_demuxer(source);
  for (int filter = 0; filter < 2; ++filter) {
    spdl_frames *all = decode_window(demuxer, SPDL_MEDIA_AUDIO, bounds[0], bounds[5], filter);
    const int64_t total = media_frames_info(all).num_frames;
    spdl_buffer *reference = media_convert(all);
    const float *expected = media_buffer_info(reference).data;
    int64_t position = 0;
    for (int i = 0; i < 5; ++i) {
      spdl_frames *frames =
          decode_window(demuxer, SPDL_MEDIA_AUDIO, bounds[i], bounds[i + 1], filter);
      const int64_t num = media_frames_info(frames).num_frames;
      spdl_buffer *buffer = media_convert(frames);
      const float *samples = media_buffer_info(buffer).data;
      CHECK(num > 0 && position + num <= total);
      for (int64_t channel = 0; channel < 2; ++channel)
        CHECK_BYTES(samples + channel * num, expected + channel * total + position,
                    (size_t)num * sizeof(float));
      position += num;
      spdl_buffer_free(buffer);
      spdl_frames_free(frames);
    }
    CHECK_EQ(position, total);
    spdl_buffer_free(reference);
    spdl_frames_free(all);
  }
  spdl_demuxer_free(demuxer);
  spdl_source_free(source);
}

CHECK_MAIN(CHECK_TEST(video), CHECK_TEST(empty_video), CHECK_TEST(counting_filters),
           CHECK_TEST(sound_is_exact_to_the_sample), CHECK_TEST(windows_tile_compressed_sound))
