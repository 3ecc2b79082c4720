// SPDX-License-Identifier: BSD-2-Clause
// An array of one picture, brought to its size by our own resize.
#pragma once

#include "ffmpeg/form.h"
#include "load/fit.h"
#include "pixel/resize.h"

namespace spdl::load {

class Canvas {
 public:
  // The format of the array, if there is a canvas of it.
  static std::optional<pixel::Format> format_of(const std::string &pix_fmt);

  // For a picture of this size.
  Canvas(const Fit &fit, pixel::Format format, int picture_width, int picture_height);

  // Not what has sides beyond those of pixel::resize().
  bool can_paint() const;
  // Whether the array keeps the limit of pixels.
  Result<void> check(const Limits &limits, const std::string &source) const {
    return limits.check_pixels(Origin::load, place_.width, place_.height, source);
  }
  const Placement &placement() const { return place_; }
  size_t size() const;  // in bytes
  // Of one image.
  Result<ffmpeg::Form> form() const;
  // Write all of the array: the picture, and black where it is not.
  Result<void> paint(const pixel::Picture &picture, uint8_t *to) const;

 private:
  void blacken_around(uint8_t *to) const;
  size_t pixel_size() const { return format_ == pixel::Format::gray ? 1 : 3; }
  size_t row_size() const { return static_cast<size_t>(place_.width) * pixel_size(); }

  int picture_width_, picture_height_;
  Placement place_;
  pixel::Format format_;
};

}  // namespace spdl::load
