// SPDX-License-Identifier: BSD-2-Clause
#include "load/canvas.h"

#include <algorithm>
#include <cstring>

#include "base/trace.h"
#include "ffmpeg/picture_layout.h"

namespace spdl::load {
namespace {

AVPixelFormat format_in_ffmpeg(pixel::Format format) {
  switch (format) {
    case pixel::Format::gray:
      return AV_PIX_FMT_GRAY8;
    case pixel::Format::bgr24:
      return AV_PIX_FMT_BGR24;
    default:
      return AV_PIX_FMT_RGB24;
  }
}

}  // namespace

std::optional<pixel::Format> Canvas::format_of(const std::string &pix_fmt) {
  for (const auto format : {pixel::Format::rgb24, pixel::Format::bgr24, pixel::Format::gray})
    if (pix_fmt == av_get_pix_fmt_name(format_in_ffmpeg(format))) return format;
  return std::nullopt;
}

Canvas::Canvas(const Fit &fit, pixel::Format format, int picture_width, int picture_height)
    : picture_width_(picture_width),
      picture_height_(picture_height),
      place_(fit.place(picture_width, picture_height)),
      format_(format) {}

bool Canvas::can_paint() const {
  return std::max({picture_width_, picture_height_, place_.scaled_width, place_.scaled_height}) <=
         pixel::max_side;
}

size_t Canvas::size() const { return row_size() * static_cast<size_t>(place_.height); }

Result<ffmpeg::Form> Canvas::form() const {
  const AVPixelFormat format = format_in_ffmpeg(format_);
  SPDL_TRY_ASSIGN(const buffer::Layout layout,
                  ffmpeg::picture_layout(format, place_.width, place_.height));
  return ffmpeg::Form{.media = ffmpeg::Media::image,
                      .layout = layout,
                      .format = av_get_pix_fmt_name(format),
                      .count = 1,
                      .width = place_.width,
                      .height = place_.height};
}

Result<void> Canvas::paint(const pixel::Picture &picture, uint8_t *to) const {
  const trace::Stage stage("convert");
  blacken_around(to);
  const pixel::Geometry geometry{place_.scaled_width, place_.scaled_height, place_.crop_x,
                                 place_.crop_y,       place_.shown_width,   place_.shown_height};
  const size_t first = static_cast<size_t>(place_.y) * row_size();
  const size_t column = static_cast<size_t>(place_.x) * pixel_size();
  return pixel::resize(picture, geometry, format_, to + first + column,
                       static_cast<ptrdiff_t>(row_size()));
}

void Canvas::blacken_around(uint8_t *to) const {
  const size_t above = static_cast<size_t>(place_.y);
  const auto shown = static_cast<size_t>(place_.shown_height);
  const size_t below = static_cast<size_t>(place_.height) - above - shown;
  std::memset(to, 0, above * row_size());
  std::memset(to + (above + shown) * row_size(), 0, below * row_size());
  const size_t left = static_cast<size_t>(place_.x) * pixel_size();
  const size_t right = left + static_cast<size_t>(place_.shown_width) * pixel_size();
  if (left == 0 && right == row_size()) return;
  for (uint8_t *row = to + above * row_size(); row != to + (above + shown) * row_size();
       row += row_size()) {
    std::memset(row, 0, left);
    std::memset(row + right, 0, row_size() - right);
  }
}

}  // namespace spdl::load
