// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/form.h"

#include <string_view>

#include "ffmpeg/picture_layout.h"

namespace spdl::ffmpeg {
namespace {

using buffer::Layout;

bool is_alike(const AVFrame &a, const AVFrame &b, bool is_audio) {
  if (a.format != b.format) return false;
  if (is_audio)
    return a.sample_rate == b.sample_rate && a.ch_layout.nb_channels == b.ch_layout.nb_channels;
  return a.width == b.width && a.height == b.height;
}

Result<void> check_uniform(const Frames &frames) {
  for (const auto &frame : frames.frames)
    if (!is_alike(*frame, frames.front(), frames.is_audio())) return changing_form(frames.source);
  return {};
}

Layout audio_layout(const Frames &frames) {
  const auto format = static_cast<AVSampleFormat>(frames.front().format);
  const int64_t channels = frames.front().ch_layout.nb_channels;
  const auto element = element_of(format);
  if (av_sample_fmt_is_planar(format)) return {{channels, frames.count()}, element};
  return {{frames.count(), channels}, element};
}

Result<Layout> layout_of(const Frames &frames) {
  if (frames.frames.empty())
    return Error{Status::mismatch, Origin::convert,
                 "No frame to convert to buffer. (" + frames.source + ")"};
  SPDL_TRY(check_uniform(frames));
  if (frames.is_audio()) return audio_layout(frames);
  const AVFrame &front = frames.front();
  SPDL_TRY_ASSIGN(Layout layout, picture_layout(static_cast<AVPixelFormat>(front.format),
                                                front.width, front.height));
  if (frames.media == Media::image && frames.count() != 1)
    return Error{Status::internal, Origin::convert,
                 frames.source + ": an image of " + std::to_string(frames.count()) + " frames."};
  if (frames.media == Media::video) layout.shape = layout.shape.behind(frames.count());
  return layout;
}

}  // namespace

buffer::ElementType element_of(AVSampleFormat format) {
  switch (av_get_packed_sample_fmt(format)) {
    case AV_SAMPLE_FMT_S16:
      return buffer::s16;
    case AV_SAMPLE_FMT_S32:
      return buffer::s32;
    case AV_SAMPLE_FMT_S64:
      return buffer::s64;
    case AV_SAMPLE_FMT_FLT:
      return buffer::f32;
    case AV_SAMPLE_FMT_DBL:
      return buffer::f64;
    default:
      return buffer::u8;
  }
}

Error changing_form(const std::string &source) {
  return {Status::mismatch, Origin::convert,
          source +
              ": the format or size changes between frames; bring them to one with a filter such "
              "as scale or aformat."};
}

Result<Form> form_of(const Frames &frames) {
  SPDL_TRY_ASSIGN(const Layout layout, layout_of(frames));
  Form form{
      .media = frames.media, .layout = layout, .format = frames.format(), .count = frames.count()};
  const AVFrame &front = frames.front();
  if (frames.is_audio()) {
    form.num_channels = front.ch_layout.nb_channels;
    form.sample_rate = front.sample_rate;
  } else {
    form.width = front.width;
    form.height = front.height;
  }
  return form;
}

bool Form::operator==(const Form &other) const {
  return media == other.media && std::string_view(format) == other.format && count == other.count &&
         width == other.width && height == other.height && num_channels == other.num_channels &&
         sample_rate == other.sample_rate;
}

std::string Form::describe() const {
  const std::string number = std::to_string(count);
  if (media == Media::audio)
    return std::string(format) + ", " + std::to_string(sample_rate) + " Hz, " +
           std::to_string(num_channels) + " channels, " + number + " samples";
  const std::string picture =
      std::string(format) + ", " + std::to_string(width) + "x" + std::to_string(height);
  return media == Media::image ? picture : picture + ", " + number + " frames";
}

std::string Form::name_differences(const Form &other) const {
  std::string names;
  const auto add = [&names](bool differs, const char *name) {
    if (differs) names += (names.empty() ? "`" : ", `") + std::string(name) + "`";
  };
  add(sample_rate != other.sample_rate, "sample_rate");
  add(num_channels != other.num_channels, "num_channels");
  add(width != other.width, "width");
  add(height != other.height, "height");
  add(count != other.count, "num_frames");
  add(std::string_view(format) != other.format, media == Media::audio ? "sample_fmt" : "pix_fmt");
  return names;
}

}  // namespace spdl::ffmpeg
