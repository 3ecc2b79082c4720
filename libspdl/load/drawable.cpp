// SPDX-License-Identifier: BSD-2-Clause
#include "load/drawable.h"

#include "ffmpeg/filter_picture.h"
#include "ffmpeg/picture.h"
#include "load/item.h"

namespace spdl::load {

Result<Drawable> make_drawable(const AVFrame &frame, AVRational time_base,
                               const ffmpeg::Packets &packets, const Fit &fit, pixel::Format format,
                               const Limits &limits) {
  auto kept = ffmpeg::own<ffmpeg::FramePtr>(av_frame_clone(&frame));
  if (const auto picture = ffmpeg::picture_of(frame, packets.media)) {
    Canvas canvas(fit, format, picture->width, picture->height);
    if (canvas.can_paint()) {
      SPDL_TRY(canvas.check(limits, packets.source));
      return Drawable{std::move(kept), *picture, canvas, backend_fast};
    }
  }
  SPDL_TRY_ASSIGN(auto filtered,
                  ffmpeg::filter_picture({std::move(kept), time_base}, fit.describe().value_or(""),
                                         *packets.codec, AV_NOPTS_VALUE, limits, packets.source));
  const auto picture = ffmpeg::picture_of(*filtered.frame, packets.media);
  if (!picture)
    return Error{Status::internal, Origin::filter,
                 packets.source + ": the filter made another format than it was to make."};
  Canvas canvas(Fit(), format, picture->width, picture->height);
  return Drawable{std::move(filtered.frame), *picture, canvas, backend_ffmpeg};
}

}  // namespace spdl::load
