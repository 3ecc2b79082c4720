/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/decode.h: some frames of a video. That they are those of the whole decode for every kind of
 * stream is tested in Python. */
#include "check.h"
#include "jobs.h"
#include "media.h"
#include "spdl/decode.h"

static spdl_packets *packets;

static void make_packets(const char *name, int32_t media) {
  spdl_source *source = media_open(name);
  packets = media_demux(source, media);
  spdl_source_free(source);
}

static spdl_samples_info info_of(const spdl_samples *samples) {
  spdl_samples_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_samples_get_info(samples, &info, ERR));
  return info;
}

/* Each frame of the sample is that frame of the whole decode. */
static void check_samples(const spdl_samples *samples, const int64_t *indices, uint32_t num) {
  CHECK_EQ(info_of(samples).num_frames, num);
  CHECK_EQ(info_of(samples).num_failed, 0);
  CHECK_BYTES(info_of(samples).indices, indices, num * sizeof(*indices));
  spdl_frames *whole = media_decode(packets, NULL);
  for (uint32_t i = 0; i < num; ++i) {
    spdl_frames *frame = NULL, *other = NULL;
    CHECK_OK(spdl_samples_get_frame(samples, i, &frame, ERR));
    CHECK_OK(spdl_frames_select(whole, &indices[i], 1, SPDL_MEDIA_IMAGE, &other, ERR));
    CHECK_EQ(media_frames_info(frame).media, SPDL_MEDIA_IMAGE);
    int64_t pts[2];
    size_t count;
    CHECK_OK(spdl_frames_get_pts(frame, &pts[0], 1, &count, ERR));
    CHECK_OK(spdl_frames_get_pts(other, &pts[1], 1, &count, ERR));
    CHECK_EQ(pts[0], pts[1]);
    spdl_buffer *a = media_convert(frame), *b = media_convert(other);
    media_check_equal(a, b);
    spdl_buffer_free(a);
    spdl_buffer_free(b);
    spdl_frames_free(frame);
    spdl_frames_free(other);
  }
  spdl_frames_free(whole);
}

static void some_frames(void) {
  static const int64_t indices[] = {0, 7, 8, 49};
  make_packets(VIDEO_MP4, SPDL_MEDIA_VIDEO);
  spdl_samples *samples = NULL;
  CHECK_OK(spdl_packets_sample(packets, indices, 4, NULL, NULL, &samples, ERR));
  check_samples(samples, indices, 4);
  spdl_packets_free(packets); /* A value of its own. */
  spdl_frames *frame = NULL;
  CHECK_OK(spdl_samples_get_frame(samples, 3, &frame, ERR));
  spdl_samples_free(samples);
  CHECK_EQ(media_frames_info(frame).width, 160);
  spdl_frames_free(frame);
}

static void on_a_queue(void) {
  static const int64_t indices[] = {1, 2, 4};
  make_packets(PICTURES_NUT, SPDL_MEDIA_VIDEO); /* Five key frames: five splits. */
  spdl_pool *pool = job_pool(3);
  spdl_queue *queue = job_queue(pool, 0);
  CHECK_OK(spdl_packets_sample_submit(queue, 9, packets, indices, 3, NULL, NULL, ERR));
  const job_end end = job_collect(queue);
  CHECK_EQ(end.completion.tag, 9);
  CHECK_EQ(end.completion.status, SPDL_OK);
  CHECK_EQ(end.completion.kind, SPDL_KIND_SAMPLES);
  check_samples(end.completion.result, indices, 3);
  job_free_result(&end.completion);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
  spdl_packets_free(packets);
}

/* The second of five pictures is destroyed in the serialized packets. */
static void failures(void) {
  static const int64_t indices[] = {0, 1, 2};
  make_packets(PICTURES_NUT, SPDL_MEDIA_VIDEO);
  spdl_buffer *bytes = NULL;
  CHECK_OK(spdl_packets_serialize(packets, &bytes, ERR));
  const spdl_buffer_info info = media_buffer_info(bytes);
  unsigned char *data = info.data;
  int num_pictures = 0;
  for (size_t at = 0; at + 64 <= info.size; at += 64)
    if (memcmp(data + at, "\x89PNG", 4) == 0 && num_pictures++ == 1) memset(data + at, 0x55, 40);
  CHECK_EQ(num_pictures, 5);
  spdl_memory *memory = NULL;
  spdl_packets *damaged = NULL;
  CHECK_OK(spdl_memory_borrow(data, info.size, 0, 3, &memory, ERR));
  CHECK_OK(spdl_packets_deserialize(memory, 0, SPDL_DESERIALIZE_COPY, &damaged, ERR));
  spdl_memory_free(memory);
  check_tag_released(3);

  spdl_samples *samples = NULL;
  CHECK_OK(spdl_packets_sample(damaged, indices, 3, NULL, NULL, &samples, ERR));
  CHECK_EQ(info_of(samples).num_frames, 2);
  CHECK_EQ(info_of(samples).num_failed, 1);
  CHECK_EQ(info_of(samples).indices[1], 2);
  spdl_error failure = {.struct_size = sizeof(failure)};
  CHECK_OK(spdl_samples_get_failure(samples, 0, &failure, ERR));
  CHECK_EQ(failure.status, SPDL_E_CORRUPT);
  CHECK_EQ(failure.item, 1);
  CHECK(failure.message[0] != 0);
  spdl_samples_free(samples);
  spdl_packets_free(damaged);
  spdl_buffer_free(bytes);
  spdl_packets_free(packets);
}

static void errors_of_the_whole(void) {
  static const int64_t index = 3;
  make_packets(VIDEO_MP4, SPDL_MEDIA_VIDEO);
  spdl_samples *samples = NULL;
  spdl_decode_options options = {.struct_size = sizeof(options), .decoder = "nothing"};
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "Unsupported codec: nothing",
              spdl_packets_sample(packets, &index, 1, &options, NULL, &samples, ERR));
  options = (spdl_decode_options){
      .struct_size = sizeof(options), .filter = SPDL_FILTER_CUSTOM, .filter_desc = "select=0"};
  CHECK_ERROR(SPDL_E_FILTER, "no picture of a single one",
              spdl_packets_sample(packets, &index, 1, &options, NULL, &samples, ERR));
  const spdl_limits small = {.struct_size = sizeof(small), .max_pixels = 100};
  CHECK_STATUS(SPDL_E_LIMIT, spdl_packets_sample(packets, &index, 1, NULL, &small, &samples, ERR));
  spdl_cancel *cancel = NULL;
  CHECK_OK(spdl_cancel_create(&cancel, ERR));
  spdl_cancel_trigger(cancel);
  const spdl_limits stop = {.struct_size = sizeof(stop), .cancel = cancel};
  CHECK_STATUS(SPDL_E_CANCELLED,
               spdl_packets_sample(packets, &index, 1, NULL, &stop, &samples, ERR));
  spdl_cancel_free(cancel);
  CHECK(samples == NULL);
  spdl_packets_free(packets);
}

static void wrong_arguments(void) {
  static const int64_t wrong[][2] = {{0, 50}, {-1, 0}, {1, 1}, {2, 1}, {0, INT64_MAX}};
  static const int64_t one = 0;
  make_packets(VIDEO_MP4, SPDL_MEDIA_VIDEO);
  spdl_queue *queue = job_queue(NULL, 0);
  spdl_samples *made = NULL;
  for (int i = 0; i < 5; ++i) {
    CHECK_ERROR(SPDL_E_INVALID, "Frame ind",
                spdl_packets_sample(packets, wrong[i], 2, NULL, NULL, &made, ERR));
    CHECK_STATUS(SPDL_E_INVALID,
                 spdl_packets_sample_submit(queue, 1, packets, wrong[i], 2, NULL, NULL, ERR));
  }
  CHECK_STATUS(SPDL_E_INVALID, spdl_packets_sample(packets, NULL, 0, NULL, NULL, &made, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_packets_sample(packets, NULL, 1, NULL, NULL, &made, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_packets_sample(NULL, &one, 1, NULL, NULL, &made, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_packets_sample(packets, &one, 1, NULL, NULL, NULL, ERR));
  CHECK_STATUS(SPDL_E_INVALID,
               spdl_packets_sample_submit(NULL, 1, packets, &one, 1, NULL, NULL, ERR));
  CHECK(made == NULL);
  job_check_none_ready(queue);
  spdl_queue_free(queue);
  CHECK_OK(spdl_packets_sample(packets, &one, 1, NULL, NULL, &made, ERR));
  spdl_samples_info info = {.struct_size = sizeof(info)};
  spdl_frames *frame = NULL;
  spdl_error failure = {.struct_size = sizeof(failure)};
  CHECK_STATUS(SPDL_E_INVALID, spdl_samples_get_info(NULL, &info, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_samples_get_info(made, NULL, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_samples_get_frame(made, 1, &frame, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_samples_get_frame(made, 0, NULL, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_samples_get_frame(NULL, 0, &frame, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_samples_get_failure(made, 0, &failure, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_samples_get_failure(made, 0, NULL, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_samples_get_failure(NULL, 0, &failure, ERR));
  CHECK(frame == NULL);
  spdl_samples_free(made);
  spdl_packets_free(packets);
}

static void not_of_pictures_or_sound(void) {
  static const int64_t one = 0;
  static const struct {
    const char *name;
    int32_t media;
  } rows[] = {{PICTURE_JPG, SPDL_MEDIA_IMAGE}, {TONE_M4A, SPDL_MEDIA_AUDIO}};
  for (int i = 0; i < 2; ++i) {
    make_packets(rows[i].name, rows[i].media);
    spdl_samples *made = NULL;
    CHECK_ERROR(SPDL_E_INVALID, "Only videos",
                spdl_packets_sample(packets, &one, 1, NULL, NULL, &made, ERR));
    spdl_packets_free(packets);
  }
}

CHECK_MAIN(CHECK_TEST(some_frames), CHECK_TEST(on_a_queue), CHECK_TEST(failures),
           CHECK_TEST(errors_of_the_whole), CHECK_TEST(wrong_arguments),
           CHECK_TEST(not_of_pictures_or_sound))
