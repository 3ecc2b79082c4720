// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/library.h"

extern "C" {
#include <libswresample/swresample.h>
}

#include "ffmpeg/convert.h"
#include "pixel/version.h"

namespace spdl::ffmpeg {
namespace {

[[maybe_unused]] const bool is_silenced = [] {
  av_log_set_level(AV_LOG_PANIC);
  return true;
}();

}  // namespace

Versions versions() {
  return {av_version_info(),  avformat_license(), avutil_version(),        avcodec_version(),
          avformat_version(), avfilter_version(), pixel::scaler_version(), swresample_version()};
}

Names filters() {
  Names names;
  void *state = nullptr;
  while (const AVFilter *filter = av_filter_iterate(&state))
    names.emplace_back(filter->name, filter->description ? filter->description : "");
  return names;
}

Names pixel_formats() {
  Names names;
  const AVPixFmtDescriptor *desc = nullptr;
  while ((desc = av_pix_fmt_desc_next(desc))) {
    const auto layout = picture_layout(av_pix_fmt_desc_get_id(desc), fitting_size, fitting_size);
    if (layout) names.emplace_back(desc->name, layout->type.typestr);
  }
  return names;
}

Names sample_formats() {
  Names names;
  for (int i = 0; i < AV_SAMPLE_FMT_NB; ++i) {
    const auto format = static_cast<AVSampleFormat>(i);
    names.emplace_back(av_get_sample_fmt_name(format), element_of(format).typestr);
  }
  return names;
}

void set_log_level(int level) { av_log_set_level(level); }
int log_level() { return av_log_get_level(); }

}  // namespace spdl::ffmpeg
