/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/demux.h: opening, streams, options, windows. */
#include "spdl/demux.h"

#include <stdio.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

static spdl_demuxer *open_file(const char *name) {
  spdl_source *source = media_open(name);
  spdl_demuxer *demuxer = NULL;
  CHECK_OK(spdl_demuxer_open(source, NULL, NULL, &demuxer, ERR));
  spdl_source_free(source);
  return demuxer;
}

static spdl_demuxer_info info_of(const spdl_demuxer *demuxer) {
  spdl_demuxer_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_demuxer_get_info(demuxer, &info, ERR));
  return info;
}

static double seconds(spdl_rational time) { return (double)time.num / (double)time.den; }

static void info_of_a_video(void) {
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  const spdl_demuxer_info info = info_of(demuxer);
  CHECK_STRING(info.source, media_path(VIDEO_MP4));
  CHECK(strstr(info.format, "mp4") != NULL);
  CHECK_EQ(info.num_streams, 2);
  CHECK_EQ(info.video_stream, 0);
  CHECK_EQ(info.audio_stream, 1);
  CHECK_CLOSE(seconds(info.start_time), 0.0, 0.05);
  CHECK_CLOSE(seconds(info.duration), 2.0, 0.1);
  spdl_demuxer_free(demuxer);
}

static void info_of_sound(void) {
  media_bytes sound = media_make_wav(8000, 2, 4000);
  spdl_source *source = media_open_bytes(&sound, 1);
  spdl_demuxer *demuxer = NULL;
  CHECK_OK(spdl_demuxer_open(source, NULL, NULL, &demuxer, ERR));
  const spdl_demuxer_info info = info_of(demuxer);
  CHECK_STRING(info.format, "wav");
  CHECK_EQ(info.num_streams, 1);
  CHECK_EQ(info.audio_stream, 0);
  CHECK_EQ(info.video_stream, -1);
  CHECK(info.start_time.den > 0);
  CHECK_CLOSE(seconds(info.duration), 0.5, 1e-6);
  spdl_demuxer_free(demuxer);
  spdl_source_free(source);
  check_tag_released(1);
  media_free(&sound);
}

static void codecs(void) {
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  static const struct {
    int32_t media;
    const char *name;
  } rows[] = {{SPDL_MEDIA_VIDEO, "h264"}, {SPDL_MEDIA_AUDIO, "aac"}, {SPDL_MEDIA_IMAGE, "h264"}};
  for (int i = 0; i < 3; ++i) {
    spdl_codec *codec = NULL;
    spdl_codec_info info = {.struct_size = sizeof(info)};
    CHECK_OK(spdl_demuxer_get_codec(demuxer, rows[i].media, &codec, ERR));
    CHECK_OK(spdl_codec_get_info(codec, &info, ERR));
    CHECK_STRING(info.name, rows[i].name);
    CHECK_EQ(info.media, rows[i].media);
    spdl_codec_free(codec);
  }
  spdl_demuxer_free(demuxer);
}

static void check_no_stream(const char *name, int32_t media, const char *format) {
  char text[600];
  snprintf(text, sizeof(text), format, media_path(name));
  spdl_source *source = media_open(name);
  spdl_demuxer *demuxer = open_file(name);
  spdl_packets *packets = NULL;
  spdl_codec *codec = NULL;
  spdl_buffer *buffer = NULL;
  CHECK_ERROR(SPDL_E_NO_STREAM, text,
              spdl_source_demux(source, media, NULL, NULL, NULL, &packets, ERR));
  CHECK_ERROR(SPDL_E_NO_STREAM, text,
              spdl_demuxer_demux(demuxer, media, NULL, NULL, &packets, ERR));
  CHECK_ERROR(SPDL_E_NO_STREAM, text, spdl_demuxer_get_codec(demuxer, media, &codec, ERR));
  CHECK_ERROR(SPDL_E_NO_STREAM, text, spdl_source_load(source, media, NULL, NULL, &buffer, ERR));
  CHECK(!packets && !codec && !buffer);
  spdl_demuxer_free(demuxer);
  spdl_source_free(source);
}

static void missing_streams(void) {
  check_no_stream(TONE_M4A, SPDL_MEDIA_VIDEO, "No video stream was found in %s.");
  check_no_stream(TONE_M4A, SPDL_MEDIA_IMAGE, "No video stream was found in %s.");
  check_no_stream(RAW_NUT, SPDL_MEDIA_AUDIO, "No audio stream was found in %s.");
  check_no_stream(PICTURE_PNG, SPDL_MEDIA_AUDIO, "No audio stream was found in %s.");
}

static void missing_file(void) {
  spdl_source *source = NULL;
  spdl_demuxer *demuxer = NULL;
  CHECK_OK(spdl_source_from_path("/nowhere/a.mp4", NULL, &source, ERR));
  CHECK_ERROR(SPDL_E_NOT_FOUND,
              "Failed to open the input: /nowhere/a.mp4 (No such file or directory)",
              spdl_demuxer_open(source, NULL, NULL, &demuxer, ERR));
  CHECK(demuxer == NULL);
  spdl_source_free(source);
}

/* ---- options ---- */

static spdl_status open_with(const char *name, const spdl_demux_options *options, spdl_error *err) {
  spdl_source *source = media_open(name);
  spdl_demuxer *demuxer = NULL;
  const spdl_status status = spdl_demuxer_open(source, options, NULL, &demuxer, err);
  CHECK((status == SPDL_OK) == (demuxer != NULL));
  spdl_demuxer_free(demuxer);
  spdl_source_free(source);
  return status;
}

static void format_by_name(void) {
  spdl_demux_options options = {.struct_size = sizeof(options), .format = "mov"};
  CHECK_OK(open_with(VIDEO_MP4, &options, ERR));
  options.format = "no_such_format";
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "Unsupported device/format: no_such_format",
              open_with(VIDEO_MP4, &options, ERR));
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "Unsupported device/format: no_such_format",
              open_with(PICTURE_JPG, &options, ERR));
  options.format = "wav";
  CHECK_STATUS(SPDL_E_CORRUPT, open_with(VIDEO_MP4, &options, ERR));
}

static void unknown_options(void) {
  const spdl_option wrong[] = {{"apple", "1"}, {"ignore_editlist", "1"}, {"pear", "2"}};
  spdl_demux_options options = {
      .struct_size = sizeof(options), .format_options = wrong, .num_format_options = 1};
  CHECK_ERROR(SPDL_E_OPTION, "Unexpected options: apple", open_with(VIDEO_MP4, &options, ERR));
  CHECK_ERROR(SPDL_E_OPTION, "Unexpected options: apple", open_with(PICTURE_JPG, &options, ERR));
  options.num_format_options = 3;
  CHECK_ERROR(SPDL_E_OPTION, "Unexpected options: apple, pear for the format mov,",
              open_with(VIDEO_MP4, &options, ERR));
}

static void known_options(void) {
  const spdl_option known[] = {{"ignore_editlist", "1"}, {"probesize", "100000"}};
  const spdl_demux_options options = {
      .struct_size = sizeof(options), .format_options = known, .num_format_options = 2};
  CHECK_OK(open_with(VIDEO_MP4, &options, ERR));
}

static void buffer_sizes(void) {
  static const uint32_t sizes[] = {1, 100, 8096, 1u << 20};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
    const spdl_demux_options options = {.struct_size = sizeof(options), .buffer_size = sizes[i]};
    media_bytes video = media_read(VIDEO_MP4);
    spdl_source *source = media_open_bytes(&video, 1);
    spdl_packets *packets = NULL;
    CHECK_OK(spdl_source_demux(source, SPDL_MEDIA_VIDEO, NULL, &options, NULL, &packets, ERR));
    spdl_packets_free(packets);
    spdl_source_free(source);
    check_tag_released(1);
    media_free(&video);
  }
}

/* A file that makes FFmpeg open others is refused, whatever it is called, unless that is allowed.
 */
static void nested_opens(void) {
  CHECK(open_with(NESTED_LIST, NULL, ERR) < 0);
  CHECK(strstr(check_last_error()->message, NESTED_LIST) != NULL);
  spdl_demux_options options = {.struct_size = sizeof(options), .flags = SPDL_DEMUX_ALLOW_NESTED};
  CHECK_OK(open_with(NESTED_LIST, &options, ERR));
  options.flags = 0;
  options.format = "concat";
  CHECK(open_with(NESTED_LIST, &options, ERR) < 0);
}

/* ---- reading ---- */

static spdl_packets_info read_window(const spdl_demuxer *demuxer, int32_t media, double start,
                                     double end) {
  const spdl_window window = {.struct_size = sizeof(window),
                              .flags = SPDL_WINDOW_START | SPDL_WINDOW_END,
                              .start = {(int64_t)(start * 1000), 1000},
                              .end = {(int64_t)(end * 1000), 1000}};
  spdl_packets *packets = NULL;
  spdl_packets_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_demuxer_demux(demuxer, media, &window, NULL, &packets, ERR));
  CHECK_OK(spdl_packets_get_info(packets, &info, ERR));
  spdl_packets_free(packets);
  return info;
}

/* Each call seeks, so windows may come in any order and kinds may alternate. */
static void windows_in_any_order(void) {
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  CHECK_EQ(read_window(demuxer, SPDL_MEDIA_VIDEO, 1, 1.5).num_in_window, 13);
  CHECK_EQ(read_window(demuxer, SPDL_MEDIA_VIDEO, 0, 1).num_in_window, 25);
  CHECK(read_window(demuxer, SPDL_MEDIA_AUDIO, 0.5, 1).num_in_window > 10);
  CHECK_EQ(read_window(demuxer, SPDL_MEDIA_VIDEO, 1.52, 1.53).num_in_window, 1);
  CHECK_EQ(read_window(demuxer, SPDL_MEDIA_VIDEO, 0, 100).num_in_window, 50);
  CHECK_EQ(read_window(demuxer, SPDL_MEDIA_VIDEO, -5, 0.04).num_in_window, 1);
  CHECK_EQ(read_window(demuxer, SPDL_MEDIA_VIDEO, 1, 1.5).num_in_window, 13);
  spdl_demuxer_free(demuxer);
}

static void empty_windows(void) {
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  CHECK_EQ(read_window(demuxer, SPDL_MEDIA_VIDEO, 10, 20).num_in_window, 0);
  CHECK_EQ(read_window(demuxer, SPDL_MEDIA_VIDEO, 1, 0.5).num_in_window, 0);
  CHECK_EQ(read_window(demuxer, SPDL_MEDIA_VIDEO, 1, 1).num_in_window, 0);
  CHECK_EQ(read_window(demuxer, SPDL_MEDIA_VIDEO, -3, -2).num_in_window, 0);
  CHECK_EQ(read_window(demuxer, SPDL_MEDIA_AUDIO, 10, 20).num_in_window, 0);
  spdl_demuxer_free(demuxer);
}

/* Reading stops soon after the end of a window instead of at the end of the file. */
static void reading_stops_after_the_window(void) {
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  const spdl_packets_info info = read_window(demuxer, SPDL_MEDIA_VIDEO, 0, 0.2);
  CHECK_EQ(info.num_in_window, 5);
  CHECK(info.num_packets >= 5 && info.num_packets <= 12);
  spdl_demuxer_free(demuxer);
}

static void image_is_the_first_packet(void) {
  spdl_demuxer *demuxer = open_file(VIDEO_MP4);
  spdl_packets *packets = NULL;
  spdl_packets_info info = {.struct_size = sizeof(info)};
  CHECK_EQ(read_window(demuxer, SPDL_MEDIA_VIDEO, 1, 2).num_in_window, 25);
  CHECK_OK(spdl_demuxer_demux(demuxer, SPDL_MEDIA_IMAGE, NULL, NULL, &packets, ERR));
  CHECK_OK(spdl_packets_get_info(packets, &info, ERR));
  CHECK_EQ(info.num_packets, 1);
  CHECK_EQ(info.media, SPDL_MEDIA_IMAGE);
  spdl_packets_free(packets);
  spdl_demuxer_free(demuxer);
}

static void submitted_open_and_demux(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  spdl_source *source = media_open(VIDEO_MP4);
  CHECK_OK(spdl_demuxer_open_submit(queue, 1, source, NULL, NULL, ERR));
  spdl_source_free(source);
  const job_end opened = job_collect(queue);
  CHECK_EQ(opened.completion.kind, SPDL_KIND_DEMUXER);
  spdl_demuxer *demuxer = opened.completion.result;
  CHECK_OK(spdl_demuxer_demux_submit(queue, 2, demuxer, SPDL_MEDIA_AUDIO, NULL, NULL, ERR));
  const job_end read = job_collect(queue);
  CHECK_EQ(read.completion.kind, SPDL_KIND_PACKETS);
  spdl_packets_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_packets_get_info(read.completion.result, &info, ERR));
  CHECK_EQ(info.media, SPDL_MEDIA_AUDIO);
  CHECK_EQ(info.num_packets, 88);
  job_check_end(&read, 2, SPDL_OK);
  job_check_end(&opened, 1, SPDL_OK);
  spdl_queue_free(queue);
}

CHECK_MAIN(CHECK_TEST(info_of_a_video), CHECK_TEST(info_of_sound), CHECK_TEST(codecs),
           CHECK_TEST(missing_streams), CHECK_TEST(missing_file), CHECK_TEST(format_by_name),
           CHECK_TEST(unknown_options), CHECK_TEST(known_options), CHECK_TEST(buffer_sizes),
           CHECK_TEST(nested_opens), CHECK_TEST(windows_in_any_order), CHECK_TEST(empty_windows),
           CHECK_TEST(reading_stops_after_the_window), CHECK_TEST(image_is_the_first_packet),
           CHECK_TEST(submitted_open_and_demux))
