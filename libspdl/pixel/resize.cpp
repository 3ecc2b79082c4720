// SPDX-License-Identifier: BSD-2-Clause
#include "pixel/resize.h"

#include <optional>
#include <string>

#include "pixel/bands.h"
#include "pixel/resize_with.h"
#include "pixel/unscaled.h"

namespace spdl::pixel {
namespace {

bool is_side(int size) { return size > 0 && size <= max_side; }

std::string describe(int width, int height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

Error refuse(std::string what) {
  return {Status::invalid, Origin::convert, "Cannot resize: " + std::move(what)};
}

Result<void> check(const Picture &picture, const Geometry &geometry) {
  const auto &[scaled_width, scaled_height, x, y, width, height] = geometry;
  if (!is_side(picture.width) || !is_side(picture.height))
    return refuse("a picture of " + describe(picture.width, picture.height));
  if (!is_side(scaled_width) || !is_side(scaled_height))
    return refuse("a target of " + describe(scaled_width, scaled_height));
  if (!is_side(width) || !is_side(height) || x < 0 || y < 0 || x > scaled_width - width ||
      y > scaled_height - height)
    return refuse("a window of " + describe(width, height) + " that does not lie in " +
                  describe(scaled_width, scaled_height));
  return {};
}

std::optional<int> ratio_of(int whole, int part) {
  for (const int ratio : {1, 2, 4})
    if ((whole + ratio - 1) / ratio == part) return ratio;
  return std::nullopt;
}

// Halves of a luma sample from the first luma sample to the first of chroma.
int phase_of(ChromaSite site, bool is_down, int ratio) {
  const bool is_first = is_down ? site == ChromaSite::top_left || site == ChromaSite::top
                                : site == ChromaSite::left || site == ChromaSite::top_left ||
                                      site == ChromaSite::bottom_left;
  const bool is_last = is_down && (site == ChromaSite::bottom_left || site == ChromaSite::bottom);
  return is_first ? 0 : is_last ? 2 * (ratio - 1) : ratio - 1;
}

Result<Sampling> find_sampling(const Picture &picture, const Plane &plane) {
  const auto luma = [&](int side) { return (side - 1) / picture.denominator + 1; };
  const auto across = ratio_of(luma(picture.width), plane.width);
  const auto down = ratio_of(luma(picture.height), plane.height);
  const bool is_plain = across == 1 && down == 1;
  if (!across || !down || plane.step < 1 || !plane.data ||
      (!is_plain && (picture.model != Model::ycbcr || &plane == &picture.planes[0])))
    return refuse("a plane of " + describe(plane.width, plane.height) + " in a picture of " +
                  describe(picture.width, picture.height));
  return Sampling{*across, *down, phase_of(picture.site, false, *across),
                  phase_of(picture.site, true, *down)};
}

}  // namespace

Result<void> resize_with(const Kernels &kernels, const Picture &picture, const Geometry &geometry,
                         Format format, uint8_t *to, ptrdiff_t stride) {
  SPDL_TRY(check(picture, geometry));
  const Mix mix = make_mix(picture, format);
  Sampling samplings[3];
  for (int i = 0; i < mix.num_in; ++i) {
    SPDL_TRY_ASSIGN(samplings[i], find_sampling(picture, picture.planes[i]));
  }
  if (Unscaled::takes(picture, geometry, mix, samplings))
    Unscaled(picture, geometry, mix, samplings, kernels).write(to, stride);
  else
    Bands(picture, geometry, mix, samplings, kernels).write(to, stride);
  return {};
}

Result<void> resize(const Picture &picture, const Geometry &geometry, Format format, uint8_t *to,
                    ptrdiff_t stride) {
  return resize_with(best_kernels(), picture, geometry, format, to, stride);
}

}  // namespace spdl::pixel
