// SPDX-License-Identifier: BSD-2-Clause
// A decoded picture and the canvas that it comes onto.
#pragma once

#include "ffmpeg/packets.h"
#include "load/canvas.h"

namespace spdl::load {

struct Drawable {
  ffmpeg::FramePtr frame;  // keeps the planes
  pixel::Picture picture;
  Canvas canvas;
  const char *backend;
};

// A frame of these packets, with pts in ticks of the time base. If our own resize does not take it,
// the filters bring it to the canvas.
Result<Drawable> make_drawable(const AVFrame &frame, AVRational time_base,
                               const ffmpeg::Packets &packets, const Fit &fit, pixel::Format format,
                               const Limits &limits);

}  // namespace spdl::load
