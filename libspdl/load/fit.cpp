// SPDX-License-Identifier: BSD-2-Clause
#include "load/fit.h"

#include <algorithm>
#include <limits>

#include "ffmpeg/picture_layout.h"

namespace spdl::load {
namespace {

std::string describe_size(int width, int height) {
  return "w=" + std::to_string(width) + ":h=" + std::to_string(height);
}

// FFmpeg's crop takes no 0 for "as it is".
std::string describe_crop(int width, int height) {
  return std::string("crop=w=") + (width ? std::to_string(width) : "iw") +
         ":h=" + (height ? std::to_string(height) : "ih");
}

// The side that keeps the shape with this length of the other one.
int follow(int length, int64_t side, int64_t other_side) {
  const int64_t followed = (length * side + other_side / 2) / other_side;
  return static_cast<int>(std::clamp<int64_t>(followed, 1, std::numeric_limits<int>::max()));
}

std::string describe_scale(const Fit &fit) {
  const std::string size = describe_size(fit.width, fit.height);
  const std::string scale = "scale=" + size + ":flags=bicubic";
  switch (fit.mode) {
    case ScaleMode::pad:
      return scale + ":force_original_aspect_ratio=decrease,pad=" + size + ":x=-1:y=-1:color=black";
    case ScaleMode::crop:
      return scale + ":force_original_aspect_ratio=increase," +
             describe_crop(fit.width, fit.height);
    default:
      return scale;
  }
}

}  // namespace

std::optional<std::string> Fit::describe() const {
  if (is_empty()) return std::nullopt;
  std::string desc;
  if (width > 0 || height > 0) desc = describe_scale(*this);
  if (!pix_fmt.empty()) desc += (desc.empty() ? "" : ",") + ("format=pix_fmts=" + pix_fmt);
  return desc;
}

// FFmpeg's scale: a side of 0 is as it was; force_original_aspect_ratio rounds to the nearest.
Placement Fit::place(int picture_width, int picture_height) const {
  const int wanted_width = width ? width : picture_width;
  const int wanted_height = height ? height : picture_height;
  Placement to{};
  to.scaled_width = wanted_width;
  to.scaled_height = wanted_height;
  if (mode != ScaleMode::stretch) {
    const int following_width = follow(wanted_height, picture_width, picture_height);
    const int following_height = follow(wanted_width, picture_height, picture_width);
    const bool is_pad = mode == ScaleMode::pad;
    to.scaled_width =
        is_pad ? std::min(following_width, wanted_width) : std::max(following_width, wanted_width);
    to.scaled_height = is_pad ? std::min(following_height, wanted_height)
                              : std::max(following_height, wanted_height);
  }
  to.width = width ? width : to.scaled_width;
  to.height = height ? height : to.scaled_height;
  to.shown_width = std::min(to.width, to.scaled_width);
  to.shown_height = std::min(to.height, to.scaled_height);
  to.crop_x = (to.scaled_width - to.shown_width) / 2;
  to.crop_y = (to.scaled_height - to.shown_height) / 2;
  to.x = (to.width - to.shown_width) / 2;
  to.y = (to.height - to.shown_height) / 2;
  return to;
}

Result<std::optional<ffmpeg::Form>> Fit::foresee() const {
  if (pix_fmt.empty()) return std::nullopt;
  const AVPixelFormat format = av_get_pix_fmt(pix_fmt.c_str());
  if (format == AV_PIX_FMT_NONE)
    return Error{Status::unsupported, Origin::convert, "Unsupported pixel format: " + pix_fmt};
  // Of sizes that are not given only the format is looked at.
  SPDL_TRY_ASSIGN(const buffer::Layout layout,
                  ffmpeg::picture_layout(format, is_sized() ? width : ffmpeg::fitting_size,
                                         is_sized() ? height : ffmpeg::fitting_size));
  if (!is_sized()) return std::nullopt;
  return ffmpeg::Form{.media = ffmpeg::Media::image,
                      .layout = layout,
                      .format = av_get_pix_fmt_name(format),
                      .count = 1,
                      .width = width,
                      .height = height};
}

}  // namespace spdl::load
