// SPDX-License-Identifier: BSD-2-Clause
#include "load/fit.h"

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
