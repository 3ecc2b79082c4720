/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/frames.h: what frames say about themselves. */
#include "spdl/frames.h"

#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "media.h"

static spdl_frames *decode_file(const char *name, int32_t media, const char *filter_desc) {
  spdl_source *source = media_open(name);
  spdl_packets *packets = media_demux(source, media);
  spdl_frames *frames = media_decode(packets, filter_desc);
  spdl_packets_free(packets);
  spdl_source_free(source);
  return frames;
}

static void pictures(void) {
  static const struct {
    const char *filter_desc;
    const char *format;
    int32_t num_planes;
  } rows[] = {{NULL, "rgb24", 1},         {"format=yuv420p", "yuv420p", 3},
              {"format=nv12", "nv12", 2}, {"format=gray", "gray", 1},
              {"format=rgba", "rgba", 1}, {"format=yuv444p", "yuv444p", 3}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    spdl_frames *frames = decode_file(PICTURE_JPG, SPDL_MEDIA_IMAGE, rows[i].filter_desc);
    const spdl_frames_info info = media_frames_info(frames);
    CHECK_EQ(info.media, SPDL_MEDIA_IMAGE);
    CHECK_EQ(info.num_frames, 1);
    CHECK_EQ(info.num_timestamps, 1);
    CHECK_EQ(info.num_corrupt, 0);
    CHECK_STRING(info.format, rows[i].format);
    CHECK_EQ(info.num_planes, rows[i].num_planes);
    CHECK_EQ(info.width, PICTURE_WIDTH);
    CHECK_EQ(info.height, PICTURE_HEIGHT);
    CHECK(info.sample_rate == 0 && info.num_channels == 0);
    CHECK(info.time_base.den > 0);
    spdl_frames_free(frames);
  }
}

static void video(void) {
  spdl_frames *frames = decode_file(VIDEO_MP4, SPDL_MEDIA_VIDEO, NULL);
  const spdl_frames_info info = media_frames_info(frames);
  CHECK_EQ(info.media, SPDL_MEDIA_VIDEO);
  CHECK_EQ(info.num_frames, 50);
  CHECK_EQ(info.num_timestamps, 50);
  CHECK(info.width == 160 && info.height == 120);
  CHECK(info.time_base.num > 0 && info.time_base.den > 0);
  spdl_frames_free(frames);
}

static void sound(void) {
  media_bytes file = media_make_wav(8000, 2, 5000);
  spdl_source *source = media_open_bytes(&file, 1);
  spdl_packets *packets = media_demux(source, SPDL_MEDIA_AUDIO);
  spdl_frames *frames = media_decode(packets, NULL);
  const spdl_frames_info info = media_frames_info(frames);
  CHECK_EQ(info.media, SPDL_MEDIA_AUDIO);
  CHECK_EQ(info.num_frames, 5000);
  CHECK(info.num_timestamps >= 1 && info.num_timestamps <= 5000);
  CHECK_STRING(info.format, "fltp");
  CHECK_EQ(info.sample_rate, 8000);
  CHECK_EQ(info.num_channels, 2);
  CHECK(info.num_planes == 0 && info.width == 0 && info.height == 0);
  int64_t pts[64];
  size_t num = 0;
  CHECK_OK(spdl_frames_get_pts(frames, pts, 64, &num, ERR));
  CHECK_EQ(num, info.num_timestamps);
  CHECK_EQ(pts[0], 0);
  for (size_t i = 1; i < num; ++i) CHECK(pts[i] > pts[i - 1]);
  spdl_frames_free(frames);
  spdl_packets_free(packets);
  spdl_source_free(source);
  check_tag_released(1);
  media_free(&file);
}

static void timestamps(void) {
  spdl_frames *frames = decode_file(VIDEO_MP4, SPDL_MEDIA_VIDEO, NULL);
  const spdl_rational tick = media_frames_info(frames).time_base;
  int64_t pts[60];
  size_t num = 0;
  CHECK_OK(spdl_frames_get_pts(frames, pts, 60, &num, ERR));
  CHECK_EQ(num, 50);
  for (int i = 0; i < 50; ++i) CHECK_EQ(pts[i] * tick.num * 25, i * tick.den);
  spdl_frames_free(frames);
}

static void timestamps_with_little_room(void) {
  spdl_frames *frames = decode_file(VIDEO_MP4, SPDL_MEDIA_VIDEO, NULL);
  int64_t pts[4] = {-7, -7, -7, -7};
  size_t num = 0;
  CHECK_OK(spdl_frames_get_pts(frames, NULL, 0, &num, ERR));
  CHECK_EQ(num, 50);
  CHECK_OK(spdl_frames_get_pts(frames, pts, 3, &num, ERR));
  CHECK_EQ(num, 50);
  CHECK(pts[0] == 0 && pts[1] > 0 && pts[2] > pts[1] && pts[3] == -7);
  spdl_frames_free(frames);
}

/* The clock of the frames is the filter's own. */
static void timestamps_after_a_filter(void) {
  spdl_frames *frames = decode_file(VIDEO_MP4, SPDL_MEDIA_VIDEO, "fps=50,setpts=PTS+1/TB");
  const spdl_rational tick = media_frames_info(frames).time_base;
  int64_t pts[120];
  size_t num = 0;
  CHECK_OK(spdl_frames_get_pts(frames, pts, 120, &num, ERR));
  CHECK_EQ(num, 100);
  for (int i = 0; i < 100; ++i) CHECK_EQ(pts[i] * tick.num * 50, (50 + i) * tick.den);
  spdl_frames_free(frames);
}

/* Pictures are shared: a selection outlives what it was made of. */
static void selection(void) {
  spdl_frames *frames = decode_file(VIDEO_MP4, SPDL_MEDIA_VIDEO, NULL);
  static const int64_t indices[] = {49, 3, 3, 0};
  spdl_frames *selected = NULL, *again = NULL, *one = NULL, *none = NULL;
  CHECK_OK(spdl_frames_select(frames, indices, 4, SPDL_MEDIA_VIDEO, &selected, ERR));
  CHECK_OK(spdl_frames_select(frames, indices + 1, 1, SPDL_MEDIA_IMAGE, &one, ERR));
  CHECK_OK(spdl_frames_select(frames, NULL, 0, SPDL_MEDIA_VIDEO, &none, ERR));
  CHECK_EQ(media_frames_info(none).num_frames, 0);
  int64_t all[50], some[4];
  size_t num = 0;
  CHECK_OK(spdl_frames_get_pts(frames, all, 50, &num, ERR));
  spdl_frames_free(frames);
  CHECK_OK(spdl_frames_get_pts(selected, some, 4, &num, ERR));
  CHECK_EQ(num, 4);
  for (size_t i = 0; i < 4; ++i) CHECK_EQ(some[i], all[indices[i]]);
  static const int64_t second[] = {1};
  CHECK_OK(spdl_frames_select(selected, second, 1, SPDL_MEDIA_IMAGE, &again, ERR));
  CHECK_EQ(media_frames_info(again).media, SPDL_MEDIA_IMAGE);
  spdl_buffer *first = media_convert(again), *other = media_convert(one);
  media_check_equal(first, other);
  spdl_buffer_free(first);
  spdl_buffer_free(other);
  spdl_frames_free(selected);
  spdl_frames_free(again);
  spdl_frames_free(one);
  spdl_frames_free(none);
}

static void selections_that_cannot_be(void) {
  spdl_frames *frames = decode_file(VIDEO_MP4, SPDL_MEDIA_VIDEO, NULL);
  static const int64_t wrong[][2] = {{0, 50}, {0, -1}, {INT64_MAX, 0}, {INT64_MIN, 0}};
  spdl_frames *out = NULL;
  for (size_t i = 0; i < 4; ++i)
    CHECK_ERROR(SPDL_E_INVALID, "There is no frame",
                spdl_frames_select(frames, wrong[i], 2, SPDL_MEDIA_VIDEO, &out, ERR));
  static const int64_t two[] = {0, 1};
  CHECK_STATUS(SPDL_E_INVALID, spdl_frames_select(frames, two, 2, SPDL_MEDIA_IMAGE, &out, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_frames_select(frames, two, 0, SPDL_MEDIA_IMAGE, &out, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_frames_select(frames, two, 2, SPDL_MEDIA_AUDIO, &out, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_frames_select(frames, NULL, 2, SPDL_MEDIA_VIDEO, &out, ERR));
  CHECK(out == NULL);
  spdl_frames_free(frames);
}

static spdl_frames_options picture_options(const char *format, int width, int height) {
  const spdl_frames_options options = {.struct_size = sizeof(options),
                                       .media = SPDL_MEDIA_VIDEO,
                                       .format = format,
                                       .num_frames = 2,
                                       .width = width,
                                       .height = height,
                                       .frame_rate = {25, 1},
                                       .pts = 50};
  return options;
}

static spdl_frames *refer(void *bytes, size_t size, const spdl_frames_options *options) {
  spdl_memory *memory = NULL;
  spdl_frames *frames = NULL;
  CHECK_OK(spdl_memory_borrow(bytes, size, 0, 9, &memory, ERR));
  CHECK_OK(spdl_frames_from_memory(memory, options, &frames, ERR));
  spdl_memory_free(memory);
  return frames;
}

/* The frames are on the caller's memory, which comes back once, when the last of them ends. */
static void pictures_on_lent_memory(void) {
  static unsigned char bytes[4096]; /* Two pictures of 5 x 3, odd rows of 15 bytes. */
  for (int i = 0; i < 90; ++i) bytes[i] = (unsigned char)i;
  const spdl_frames_options options = picture_options("rgb24", 5, 3);
  spdl_frames *frames = refer(bytes, 90, &options);
  const spdl_frames_info info = media_frames_info(frames);
  CHECK(info.num_frames == 2 && info.width == 5 && info.height == 3 && info.num_planes == 1);
  CHECK_STRING(info.format, "rgb24");
  int64_t pts[2];
  size_t num = 0;
  CHECK_OK(spdl_frames_get_pts(frames, pts, 2, &num, ERR));
  CHECK(num == 2 && pts[0] == 50 && pts[1] == 51);
  CHECK(info.time_base.num == 1 && info.time_base.den == 25);
  bytes[0] = 200; /* Not allowed to a program, but it shows where the frames are. */
  spdl_buffer *buffer = media_convert(frames);
  MEDIA_CHECK_SHAPE(buffer, 2, 3, 5, 3);
  CHECK_BYTES(media_buffer_info(buffer).data, bytes, 90);
  static const int64_t second[] = {1};
  spdl_frames *one = NULL;
  CHECK_OK(spdl_frames_select(frames, second, 1, SPDL_MEDIA_IMAGE, &one, ERR));
  spdl_frames_free(frames);
  check_no_tag_released();
  spdl_frames_free(one);
  check_tag_released(9);
  check_no_tag_released();
  spdl_buffer_free(buffer);
}

/* FFmpeg reads past pictures, so one at the end of a page must not be where it could not. */
static void pictures_at_the_end_of_memory(void) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 64 * 24 * 3 * 2;
  const size_t room = (size + page - 1) / page * page;
  unsigned char *map =
      mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(map != MAP_FAILED);
  CHECK_EQ(mprotect(map + room, page, PROT_NONE), 0);
  unsigned char *bytes = map + room - size;
  for (size_t i = 0; i < size; ++i) bytes[i] = (unsigned char)(i * 7);
  const spdl_frames_options options = picture_options("rgb24", 64, 24);
  spdl_frames *frames = refer(bytes, size, &options);
  spdl_buffer *buffer = media_convert(frames);
  CHECK_BYTES(media_buffer_info(buffer).data, bytes, size);
  spdl_buffer_free(buffer);
  spdl_frames_free(frames);
  check_tag_released(9);
  munmap(map, room + page);
}

static void samples_on_lent_memory(void) {
  static float planes[10][300]; /* More channels than an AVFrame has pointers of its own. */
  for (int c = 0; c < 10; ++c)
    for (int i = 0; i < 300; ++i) planes[c][i] = (float)(c * 1000 + i);
  spdl_frames_options options = {.struct_size = sizeof(options),
                                 .media = SPDL_MEDIA_AUDIO,
                                 .format = "fltp",
                                 .num_frames = 300,
                                 .sample_rate = 8000,
                                 .num_channels = 10,
                                 .pts = -5};
  spdl_frames *frames = refer(planes, sizeof(planes), &options);
  CHECK_EQ(media_frames_info(frames).num_channels, 10);
  spdl_buffer *buffer = media_convert(frames);
  MEDIA_CHECK_SHAPE(buffer, 10, 300);
  CHECK_BYTES(media_buffer_info(buffer).data, planes, sizeof(planes));
  CHECK_CLOSE(media_buffer_info(buffer).pts[0], -5.0 / 8000, 1e-12);
  spdl_buffer_free(buffer);
  spdl_frames_free(frames);
  check_tag_released(9);
  options.format = "flt";
  frames = refer(planes, sizeof(planes), &options);
  buffer = media_convert(frames);
  MEDIA_CHECK_SHAPE(buffer, 300, 10);
  CHECK_BYTES(media_buffer_info(buffer).data, planes, sizeof(planes));
  spdl_buffer_free(buffer);
  spdl_frames_free(frames);
  check_tag_released(9);
}

static void memory_that_cannot_be_frames(void) {
  static unsigned char bytes[4096];
  spdl_memory *memory = NULL;
  spdl_frames *out = NULL;
  CHECK_OK(spdl_memory_borrow(bytes, 90, 0, 9, &memory, ERR));
  const spdl_frames_options right = picture_options("rgb24", 5, 3);
  spdl_frames_options wrong = right;
  CHECK_STATUS(SPDL_E_INVALID, spdl_frames_from_memory(NULL, &right, &out, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_frames_from_memory(memory, NULL, &out, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_frames_from_memory(memory, &right, NULL, ERR));
#define REFUSED(status, field, value) \
  wrong = right;                      \
  wrong.field = (value);              \
  CHECK_STATUS(status, spdl_frames_from_memory(memory, &wrong, &out, ERR))
  REFUSED(SPDL_E_INVALID, struct_size, 0);
  REFUSED(SPDL_E_INVALID, media, 0);
  REFUSED(SPDL_E_INVALID, media, SPDL_MEDIA_IMAGE); /* Two pictures are no image. */
  REFUSED(SPDL_E_INVALID, format, NULL);
  REFUSED(SPDL_E_INVALID, num_frames, 0);
  REFUSED(SPDL_E_INVALID, width, -5);
  REFUSED(SPDL_E_INVALID, height, INT32_MAX);
  REFUSED(SPDL_E_INVALID, frame_rate.den, 0);
  REFUSED(SPDL_E_INVALID, frame_rate.num, INT64_MAX);
  REFUSED(SPDL_E_INVALID, pts, INT64_MAX);
  REFUSED(SPDL_E_INVALID, pts, INT64_MIN);
  REFUSED(SPDL_E_MISMATCH, num_frames, 3);
  REFUSED(SPDL_E_MISMATCH, num_frames, INT64_MAX / 2 - 50);
  REFUSED(SPDL_E_MISMATCH, width, 4);
  REFUSED(SPDL_E_UNSUPPORTED, format, "nonsense");
  REFUSED(SPDL_E_UNSUPPORTED, format, "pal8");
  REFUSED(SPDL_E_UNSUPPORTED, format, "cuda");
  REFUSED(SPDL_E_INVALID, media, SPDL_MEDIA_AUDIO + 10);
#undef REFUSED
  wrong.media = SPDL_MEDIA_AUDIO;
  wrong.format = "s16";
  wrong.sample_rate = 0;
  wrong.num_channels = 1;
  wrong.num_frames = 45;
  CHECK_STATUS(SPDL_E_INVALID, spdl_frames_from_memory(memory, &wrong, &out, ERR));
  wrong.sample_rate = 8000;
  wrong.num_channels = 0;
  CHECK_STATUS(SPDL_E_INVALID, spdl_frames_from_memory(memory, &wrong, &out, ERR));
  wrong.num_channels = INT32_MAX;
  CHECK_STATUS(SPDL_E_INVALID, spdl_frames_from_memory(memory, &wrong, &out, ERR));
  wrong.num_channels = 2;
  CHECK_STATUS(SPDL_E_MISMATCH, spdl_frames_from_memory(memory, &wrong, &out, ERR));
  wrong.format = "s17";
  CHECK_STATUS(SPDL_E_UNSUPPORTED, spdl_frames_from_memory(memory, &wrong, &out, ERR));
  CHECK(out == NULL);
  spdl_memory_free(memory);
  check_tag_released(9);
}

static void metadata(void) {
  spdl_frames *frames = decode_file(PICTURE_PNG, SPDL_MEDIA_IMAGE,
                                    "metadata=add:key=k1:value=v1,metadata=add:key=k2:value=v2");
  size_t count = 0;
  spdl_entry entries[3] = {{NULL, NULL}};
  CHECK_OK(spdl_frames_get_metadata(frames, 0, NULL, 0, &count, ERR));
  CHECK_EQ(count, 2);
  CHECK_OK(spdl_frames_get_metadata(frames, 0, entries, 1, &count, ERR));
  CHECK(count == 2 && entries[0].name && !entries[1].name);
  CHECK_OK(spdl_frames_get_metadata(frames, 0, entries, 3, &count, ERR));
  CHECK_STRING(entries[0].name, "k1");
  CHECK_STRING(entries[1].value, "v2");
  CHECK(entries[2].name == NULL);
  CHECK_STATUS(SPDL_E_INVALID, spdl_frames_get_metadata(frames, 1, entries, 3, &count, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_frames_get_metadata(frames, 0, NULL, 3, &count, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_frames_get_metadata(frames, 0, entries, 3, NULL, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_frames_get_metadata(NULL, 0, entries, 3, &count, ERR));
  spdl_frames_free(frames);
}

CHECK_MAIN(CHECK_TEST(pictures_on_lent_memory), CHECK_TEST(pictures_at_the_end_of_memory),
           CHECK_TEST(samples_on_lent_memory), CHECK_TEST(memory_that_cannot_be_frames),
           CHECK_TEST(metadata), CHECK_TEST(selection), CHECK_TEST(selections_that_cannot_be),
           CHECK_TEST(pictures), CHECK_TEST(video), CHECK_TEST(sound), CHECK_TEST(timestamps),
           CHECK_TEST(timestamps_with_little_room), CHECK_TEST(timestamps_after_a_filter))
