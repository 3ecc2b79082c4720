/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/encode.h: what is encoded comes back, and what encoders and muxers refuse. */
#include "spdl/encode.h"

#include "muxing.h"

static void pictures_come_back(void) {
  spdl_frames *pictures = make_pictures();
  spdl_muxer *muxer = make_muxer(file("pictures.nut"), NULL);
  const spdl_encode_options options = picture_options("png");
  spdl_encoder *encoder = add_stream(muxer, &options);
  spdl_encoder_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_encoder_get_info(encoder, &info, ERR));
  CHECK_STRING(info.name, "png");
  CHECK(info.media == SPDL_MEDIA_VIDEO && info.frame_size == 0);
  CHECK(info.time_base.num == 1 && info.time_base.den == 5);
  CHECK_OK(spdl_muxer_open(muxer, NULL, 0, NULL, ERR));
  spdl_packets *encoded = NULL, *rest = NULL;
  CHECK_OK(spdl_encoder_encode(encoder, pictures, NULL, &encoded, ERR));
  CHECK_OK(spdl_muxer_write(muxer, 0, encoded, NULL, ERR));
  CHECK_STATUS(SPDL_EOF, spdl_encoder_flush(encoder, NULL, &rest, ERR));
  CHECK(rest == NULL);
  CHECK_OK(spdl_muxer_flush(muxer, NULL, ERR));
  CHECK_OK(spdl_muxer_close(muxer, NULL, ERR));
  CHECK_OK(spdl_muxer_close(muxer, NULL, ERR));
  spdl_packets_info about = {.struct_size = sizeof(about)};
  CHECK_OK(spdl_packets_get_info(encoded, &about, ERR));
  CHECK(about.num_packets == 5 && about.stream_index == 0);
  spdl_frames *decoded = media_decode(encoded, NULL); /* Without a file, too. */
  spdl_buffer *expected = media_convert(pictures), *straight = media_convert(decoded);
  spdl_buffer *loaded = load_file(SPDL_MEDIA_VIDEO);
  media_check_equal(straight, expected);
  media_check_equal(loaded, expected);
  spdl_buffer_free(loaded);
  spdl_buffer_free(straight);
  spdl_buffer_free(expected);
  spdl_frames_free(decoded);
  spdl_frames_free(pictures);
  spdl_packets_free(encoded);
  spdl_encoder_free(encoder);
  spdl_muxer_free(muxer);
}

/* A tag comes back for each call that lent memory: encoders keep none of it. */
static void samples_come_back(void) {
  static int16_t samples[9000][2];
  for (int i = 0; i < 9000; ++i) samples[i][0] = (int16_t)(i * 7), samples[i][1] = (int16_t)-i;
  spdl_muxer *muxer = make_muxer(file("samples.flac"), NULL);
  const spdl_encode_options options = sample_options(NULL, "s16");
  spdl_encoder *encoder = add_stream(muxer, &options);
  spdl_encoder_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_encoder_get_info(encoder, &info, ERR));
  CHECK(info.frame_size > 100 && info.time_base.den == 8000);
  CHECK_OK(spdl_muxer_open(muxer, NULL, 0, NULL, ERR));
  for (int first = 0; first < 9000; first += 1000) {
    spdl_frames *some = make_samples(samples + first, 1000, first);
    spdl_packets *encoded = NULL;
    const spdl_status status = spdl_encoder_encode(encoder, some, NULL, &encoded, ERR);
    CHECK(status == SPDL_OK || status == SPDL_EOF);
    CHECK((status == SPDL_OK) == (encoded != NULL));
    if (encoded) CHECK_OK(spdl_muxer_write(muxer, 0, encoded, NULL, ERR));
    spdl_packets_free(encoded);
    spdl_frames_free(some);
    check_tag_released(3);
  }
  spdl_packets *rest = NULL;
  CHECK_OK(spdl_encoder_flush(encoder, NULL, &rest, ERR));
  CHECK_OK(spdl_muxer_write(muxer, 0, rest, NULL, ERR));
  CHECK_OK(spdl_muxer_close(muxer, NULL, ERR));
  spdl_source *from = NULL;
  CHECK_OK(spdl_source_from_path(path, NULL, &from, ERR));
  spdl_packets *read = media_demux(from, SPDL_MEDIA_AUDIO);
  spdl_frames *decoded = media_decode(read, "aformat=s16");
  spdl_buffer *back = media_convert(decoded);
  MEDIA_CHECK_SHAPE(back, 9000, 2);
  CHECK_BYTES(media_buffer_info(back).data, samples, sizeof(samples));
  spdl_buffer_free(back);
  spdl_frames_free(decoded);
  spdl_packets_free(read);
  spdl_source_free(from);
  spdl_packets_free(rest);
  spdl_encoder_free(encoder);
  spdl_muxer_free(muxer);
}

static void what_encoders_do_not_take(void) {
  spdl_muxer *muxer = make_muxer(file("choices.mkv"), NULL), *made = NULL;
  spdl_encoder *out = NULL;
  spdl_encode_options options = picture_options("mjpeg");
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "rgb24; the encoder mjpeg takes yuvj420p",
              spdl_muxer_add_encode_stream(muxer, &options, &out, ERR));
  options = picture_options("no such");
  CHECK_STATUS(SPDL_E_UNSUPPORTED, spdl_muxer_add_encode_stream(muxer, &options, &out, ERR));
  options = picture_options("flac");
  CHECK_STATUS(SPDL_E_UNSUPPORTED, spdl_muxer_add_encode_stream(muxer, &options, &out, ERR));
  options = picture_options("png");
  options.color_space = "no such";
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "bt709",
              spdl_muxer_add_encode_stream(muxer, &options, &out, ERR));
  const spdl_option unknown = {"no_such", "1"};
  options = picture_options("png");
  options.encoder_options = &unknown;
  options.num_encoder_options = 1;
  CHECK_ERROR(SPDL_E_OPTION, "no_such", spdl_muxer_add_encode_stream(muxer, &options, &out, ERR));
  options = sample_options("aac", "s16");
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "aac takes fltp",
              spdl_muxer_add_encode_stream(muxer, &options, &out, ERR));
  options = sample_options("aac", "fltp");
  options.sample_rate = 12345;
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "44100",
              spdl_muxer_add_encode_stream(muxer, &options, &out, ERR));
  CHECK(out == NULL);
  spdl_muxer_free(muxer);
  const spdl_muxer_options nonsense = {.struct_size = sizeof(nonsense), .format = "no such"};
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "Unsupported device/format: no such",
              spdl_muxer_create(path, &nonsense, &made, ERR));
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "extension", spdl_muxer_create("a.nothing", NULL, &made, ERR));
  CHECK(made == NULL);
}

static void jobs_of_encoders(void) {
  make_items();
  spdl_frames *pictures = make_pictures();
  spdl_muxer *muxer = make_muxer(file("jobs.nut"), NULL);
  const spdl_encode_options options = picture_options("png");
  spdl_encoder *encoder = add_stream(muxer, &options);
  spdl_cancel *cancel = NULL;
  CHECK_OK(spdl_cancel_create(&cancel, ERR));
  CHECK_OK(spdl_encoder_encode_submit(queue, 1, encoder, pictures, NULL, ERR));
  const job_end end = job_collect(queue);
  CHECK_EQ(end.completion.kind, SPDL_KIND_PACKETS);
  job_check_end(&end, 1, SPDL_OK);
  spdl_cancel_trigger(cancel);
  const spdl_limits limits = {.struct_size = sizeof(limits), .cancel = cancel};
  CHECK_OK(spdl_encoder_flush_submit(queue, 2, encoder, &limits, ERR));
  job_expect(queue, 2, SPDL_E_CANCELLED);
  CHECK_OK(spdl_encoder_flush_submit(queue, 3, encoder, NULL, ERR)); /* It had not begun. */
  job_expect(queue, 3, SPDL_EOF);
  CHECK_OK(spdl_encoder_flush_submit(queue, 4, encoder, NULL, ERR));
  job_expect(queue, 4, SPDL_E_INVALID);
  spdl_cancel_free(cancel);
  spdl_muxer_free(muxer); /* Never opened, never closed. */
  spdl_encoder_free(encoder);
  spdl_frames_free(pictures);
  free_items();
}

static void given_up(void) {
  make_items();
  spdl_frames *pictures = make_pictures();
  spdl_muxer *muxer = make_muxer(file("given_up.nut"), NULL);
  const spdl_encode_options options = picture_options("png");
  spdl_encoder *encoder = add_stream(muxer, &options);
  spdl_packets *lost = NULL, *none = NULL;
  CHECK_OK(spdl_muxer_open(muxer, NULL, 0, NULL, ERR));
  CHECK_OK(spdl_encoder_encode(encoder, pictures, NULL, &lost, ERR));
  spdl_packets_free(lost);
  CHECK_OK(spdl_encoder_give_up(encoder, ERR));
  CHECK_ERROR(SPDL_E_INVALID, "failed", spdl_encoder_flush(encoder, NULL, &none, ERR));
  CHECK_ERROR(SPDL_E_IO, "not complete", spdl_muxer_close(muxer, NULL, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_encoder_give_up(NULL, ERR));
  spdl_muxer_free(muxer);
  spdl_encoder_free(encoder);
  spdl_frames_free(pictures);
  free_items();
}

static void one_picture(void) {
  make_items();
  const spdl_encode_options small = {
      .struct_size = sizeof(small), .media = SPDL_MEDIA_IMAGE, .width = 20, .height = 10};
  const spdl_save_options options = {.struct_size = sizeof(options),
                                     .flags = SPDL_SAVE_CONVERT,
                                     .encode = &small,
                                     .filter_desc = "hflip",
                                     .scale_algo = "area"};
  CHECK_OK(spdl_frames_save(frames, file("picture.png"), NULL, NULL, ERR));
  spdl_buffer *back = load_file(SPDL_MEDIA_IMAGE);
  media_check_equal(back, buffer);
  spdl_buffer_free(back);
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "mjpeg takes yuvj420p",
              spdl_frames_save(frames, file("picture.jpg"), NULL, NULL, ERR));
  CHECK_OK(spdl_frames_save_submit(queue, 1, frames, file("picture.jpg"), &options, NULL, ERR));
  job_expect(queue, 1, SPDL_OK);
  back = load_file(SPDL_MEDIA_IMAGE);
  MEDIA_CHECK_SHAPE(back, 10, 20, 3);
  spdl_buffer_free(back);
  spdl_save_options wrong = options;
  wrong.filter_desc = "no_such_filter";
  CHECK_STATUS(SPDL_E_FILTER, spdl_frames_save(frames, path, &wrong, NULL, ERR));
  wrong.flags = 0;
  REFUSES(spdl_frames_save(frames, path, &wrong, NULL, err));
  wrong.flags = 2;
  REFUSES(spdl_frames_save(frames, path, &wrong, NULL, err));
  REFUSES(spdl_frames_save(NULL, path, NULL, NULL, err));
  REFUSES(spdl_frames_save(frames, NULL, NULL, NULL, err));
  REFUSES(spdl_frames_save_submit(NULL, 1, frames, path, NULL, NULL, err));
  REFUSES(spdl_frames_save_submit(queue, 1, NULL, path, NULL, NULL, err));
  spdl_frames *five = make_pictures();
  REFUSES(spdl_frames_save(five, path, NULL, NULL, err));
  spdl_frames_free(five);
  free_items();
}

static void null_arguments(void) {
  make_items();
  spdl_muxer *muxer = make_muxer(file("null.nut"), NULL), *made = UNSET;
  spdl_encode_options options = picture_options("png");
  spdl_encoder *encoder = add_stream(muxer, &options), *out = UNSET;
  spdl_encoder_info info = {.struct_size = sizeof(info)};
  spdl_packets *encoded = UNSET;
  const spdl_option no_name = {NULL, "1"};
  const spdl_muxer_options wrong_flag = {.struct_size = sizeof(wrong_flag), .flags = 8};
  REFUSES(spdl_muxer_create(NULL, NULL, &made, err));
  REFUSES(spdl_muxer_create("a.nut", NULL, NULL, err));
  REFUSES(spdl_muxer_create("a.nut", &wrong_flag, &made, err));
  REFUSES(spdl_muxer_add_encode_stream(NULL, &options, &out, err));
  REFUSES(spdl_muxer_add_encode_stream(muxer, NULL, &out, err));
  REFUSES(spdl_muxer_add_encode_stream(muxer, &options, NULL, err));
  REFUSES(spdl_muxer_add_remux_stream(NULL, codec, err));
  REFUSES(spdl_muxer_add_remux_stream(muxer, NULL, err));
  REFUSES(spdl_muxer_open(NULL, NULL, 0, NULL, err));
  REFUSES(spdl_muxer_open(muxer, NULL, 1, NULL, err));
  REFUSES(spdl_muxer_open(muxer, &no_name, 1, NULL, err));
  REFUSES(spdl_muxer_open_submit(NULL, 1, muxer, NULL, 0, NULL, err));
  REFUSES(spdl_muxer_open_submit(queue, 1, NULL, NULL, 0, NULL, err));
  REFUSES(spdl_muxer_write(NULL, 0, packets, NULL, err));
  REFUSES(spdl_muxer_write(muxer, 0, NULL, NULL, err));
  REFUSES(spdl_muxer_write_submit(queue, 1, muxer, 0, NULL, NULL, err));
  REFUSES(spdl_muxer_flush(NULL, NULL, err));
  REFUSES(spdl_muxer_flush_submit(queue, 1, NULL, NULL, err));
  REFUSES(spdl_muxer_close(NULL, NULL, err));
  REFUSES(spdl_muxer_close_submit(queue, 1, NULL, NULL, err));
  REFUSES(spdl_encoder_get_info(NULL, &info, err));
  REFUSES(spdl_encoder_get_info(encoder, NULL, err));
  REFUSES(spdl_encoder_encode(NULL, frames, NULL, &encoded, err));
  REFUSES(spdl_encoder_encode(encoder, NULL, NULL, &encoded, err));
  REFUSES(spdl_encoder_encode(encoder, frames, NULL, NULL, err));
  REFUSES(spdl_encoder_encode_submit(queue, 1, encoder, NULL, NULL, err));
  REFUSES(spdl_encoder_flush(NULL, NULL, &encoded, err));
  REFUSES(spdl_encoder_flush_submit(queue, 1, NULL, NULL, err));
#define REFUSES_OPTION(field, value) \
  options = picture_options("png");  \
  options.field = (value);           \
  REFUSES(spdl_muxer_add_encode_stream(muxer, &options, &out, err))
  REFUSES_OPTION(struct_size, 0);
  REFUSES_OPTION(flags, 1u << 9);
  REFUSES_OPTION(media, 7);
  REFUSES_OPTION(format, NULL);
  REFUSES_OPTION(width, 0);
  REFUSES_OPTION(height, INT32_MAX);
  REFUSES_OPTION(frame_rate.den, 0);
  REFUSES_OPTION(num_encoder_options, 1);
  options = picture_options("png");
  options.flags = SPDL_ENCODE_QSCALE;
  options.qscale = 1001;
  REFUSES(spdl_muxer_add_encode_stream(muxer, &options, &out, err));
  options = sample_options("flac", "s16");
  options.num_channels = 1025;
  REFUSES(spdl_muxer_add_encode_stream(muxer, &options, &out, err));
  CHECK(made == UNSET && out == UNSET && encoded == UNSET);
  spdl_encoder_free(encoder);
  spdl_muxer_free(muxer);
  free_items();
}

CHECK_MAIN(CHECK_TEST(pictures_come_back), CHECK_TEST(samples_come_back),
           CHECK_TEST(what_encoders_do_not_take), CHECK_TEST(jobs_of_encoders),
           CHECK_TEST(given_up), CHECK_TEST(one_picture), CHECK_TEST(null_arguments),
           CHECK_TEST(remove_folder))
