// SPDX-License-Identifier: BSD-2-Clause
#include "pixel_pictures.h"

#include <algorithm>
#include <cmath>

namespace spdl::unit {
namespace {

using pixel::ChromaSite;
using pixel::Geometry;
using pixel::Matrix;
using pixel::Model;
using pixel::Picture;
using pixel::Plane;

constexpr int padding = 5;  // bytes behind each row

// A component in full precision.
struct Image {
  int width;
  int height;
  std::vector<double> samples;
  Image(int w, int h) : width(w), height(h), samples(static_cast<size_t>(w) * h) {}
  double &at(int x, int y) { return samples[static_cast<size_t>(y) * width + x]; }
  double at(int x, int y) const { return samples[static_cast<size_t>(y) * width + x]; }
};

// For each target sample the share of each source sample.
using Shares = std::vector<std::vector<std::pair<int, double>>>;

Shares upsampling(int source, int samples, int ratio, double first) {
  Shares shares(source);
  for (int i = 0; i < source; ++i) {
    const double place = (i - first) / ratio;
    const int left = static_cast<int>(std::floor(place));
    const double share = place - left;
    shares[i] = {{std::clamp(left, 0, samples - 1), 1 - share},
                 {std::clamp(left + 1, 0, samples - 1), share}};
  }
  return shares;
}

Shares scaling(int source, int target) {
  Shares shares(target);
  const double scale = static_cast<double>(source) / target;
  for (int i = 0; i < target; ++i) {
    if (source <= target) {
      const double place = (i + 0.5) * scale - 0.5;
      const int left = static_cast<int>(std::floor(place));
      shares[i] = {{std::clamp(left, 0, source - 1), 1 - (place - left)},
                   {std::clamp(left + 1, 0, source - 1), place - left}};
      continue;
    }
    for (int k = 0; k < source; ++k) {
      const double covered = std::min((i + 1) * scale, k + 1.0) - std::max(i * scale, k + 0.0);
      if (covered > 0) shares[i].push_back({k, covered / scale});
    }
  }
  return shares;
}

Image apply(const Image &image, const Shares &across, const Shares &down) {
  Image wide(static_cast<int>(across.size()), image.height);
  for (int y = 0; y < wide.height; ++y)
    for (int x = 0; x < wide.width; ++x)
      for (const auto &[from, share] : across[x]) wide.at(x, y) += share * image.at(from, y);
  Image result(wide.width, static_cast<int>(down.size()));
  for (int y = 0; y < result.height; ++y)
    for (int x = 0; x < result.width; ++x)
      for (const auto &[from, share] : down[y]) result.at(x, y) += share * wide.at(x, from);
  return result;
}

Image read(const Plane &plane) {
  Image image(plane.width, plane.height);
  for (int y = 0; y < plane.height; ++y)
    for (int x = 0; x < plane.width; ++x)
      image.at(x, y) = plane.data[y * plane.stride + x * plane.step];
  return image;
}

int ratio_of(int whole, int part) {
  for (int ratio = 1;; ratio *= 2)
    if ((whole + ratio - 1) / ratio == part) return ratio;
}

// At the size of the picture.
Image decode(const Picture &picture, int component) {
  const Plane &plane = picture.planes[component];
  const int across = ratio_of(picture.width, plane.width);
  const int down = ratio_of(picture.height, plane.height);
  const ChromaSite site = picture.site;
  const bool is_left =
      site == ChromaSite::left || site == ChromaSite::top_left || site == ChromaSite::bottom_left;
  const bool is_top = site == ChromaSite::top || site == ChromaSite::top_left;
  const bool is_bottom = site == ChromaSite::bottom || site == ChromaSite::bottom_left;
  const double x = is_left ? 0 : (across - 1) / 2.0;
  const double y = is_top ? 0 : is_bottom ? down - 1 : (down - 1) / 2.0;
  return apply(read(plane), upsampling(picture.width, plane.width, across, x),
               upsampling(picture.height, plane.height, down, y));
}

std::pair<double, double> luma_of(Matrix matrix) {
  switch (matrix) {
    case Matrix::bt709:
      return {0.2126, 0.0722};
    case Matrix::bt2020:
      return {0.2627, 0.0593};
    case Matrix::smpte240m:
      return {0.212, 0.087};
    case Matrix::fcc:
      return {0.30, 0.11};
    default:
      return {0.299, 0.114};
  }
}

// Red, green and blue, or gray alone.
std::vector<double> convert(const Picture &picture, const double in[3], bool is_gray) {
  if (picture.model == Model::rgb) {
    if (is_gray) return {0.299 * in[0] + 0.587 * in[1] + 0.114 * in[2]};
    return {in[0], in[1], in[2]};
  }
  const bool is_full = picture.is_full_range;
  const double luma = is_full ? in[0] : (in[0] - 16) * 255 / 219;
  if (is_gray) return {luma};
  if (picture.model == Model::gray) return {luma, luma, luma};
  const double gain = is_full ? 1 : 255.0 / 224;
  const double cb = (in[1] - 128) * gain, cr = (in[2] - 128) * gain;
  const auto [red_share, blue_share] = luma_of(picture.matrix);
  const double red = luma + 2 * (1 - red_share) * cr, blue = luma + 2 * (1 - blue_share) * cb;
  const double green = (luma - red_share * red - blue_share * blue) / (1 - red_share - blue_share);
  return {red, green, blue};
}

}  // namespace

OwnPicture::OwnPicture(const Layout &layout, int width, int height, unsigned seed)
    : name(std::string(layout.name) + " " + std::to_string(width) + "x" + std::to_string(height)) {
  std::mt19937 random(seed);
  picture.model = layout.model;
  picture.width = width;
  picture.height = height;
  const int count = layout.model == Model::gray ? 1 : 3;
  for (int i = 0; i < count; ++i) {
    const bool is_chroma = layout.model == Model::ycbcr && i > 0;
    const int w = is_chroma ? (width + layout.ratio_x - 1) / layout.ratio_x : width;
    const int h = is_chroma ? (height + layout.ratio_y - 1) / layout.ratio_y : height;
    const int step = layout.is_nv && !is_chroma ? 1 : layout.step;
    const int place = layout.is_nv ? (is_chroma ? i - 1 : 0) : step > 1 ? i : 0;
    const ptrdiff_t stride = static_cast<ptrdiff_t>(w) * step + padding;
    if (place == 0) memory_.emplace_back(stride * h, uint8_t{0xa5});
    picture.planes[i] = {memory_.back().data() + place, stride, w, h, step};
    const double fx = (random() % 100) / 400.0, fy = (random() % 100) / 400.0;
    const double low = is_chroma ? 100 : 60, high = is_chroma ? 156 : 196;
    for (int y = 0; y < h; ++y)
      for (int x = 0; x < w; ++x) {
        const double wave = std::sin(x * fx + i) * std::cos(y * fy) * 0.5 + 0.5;
        const double noise = static_cast<double>(random() % 1000) / 1000;
        const double value = low + (high - low) * (0.7 * wave + 0.3 * noise);
        memory_.back()[y * stride + x * step + place] = static_cast<uint8_t>(value);
      }
  }
}

void OwnPicture::fill(const int values[3]) {
  for (int i = 0; i < 3; ++i) {
    const Plane &plane = picture.planes[i];
    for (int y = 0; y < plane.height; ++y)
      for (int x = 0; x < plane.width; ++x)
        const_cast<uint8_t *>(plane.data)[y * plane.stride + x * plane.step] =
            static_cast<uint8_t>(values[i]);
  }
}

void OwnPicture::flip() {
  for (auto &memory : memory_) {
    const auto stride = std::abs(picture.planes[&memory == &memory_[0] ? 0 : 1].stride);
    for (auto top = memory.begin(), bottom = memory.end() - stride; top < bottom;
         top += stride, bottom -= stride)
      std::swap_ranges(top, top + stride, bottom);
  }
  for (Plane &plane : picture.planes) {
    if (!plane.data) continue;
    plane.data += plane.stride * (plane.height - 1);
    plane.stride = -plane.stride;
  }
}

std::vector<double> resize_exactly(const Picture &picture, const Geometry &geometry,
                                   pixel::Format format) {
  const Shares across = scaling(picture.width, geometry.scaled_width);
  const Shares down = scaling(picture.height, geometry.scaled_height);
  std::vector<Image> components;
  for (int i = 0; i < (picture.model == Model::gray ? 1 : 3); ++i)
    components.push_back(apply(decode(picture, i), across, down));
  const bool is_gray = format == pixel::Format::gray;
  std::vector<double> result;
  for (int y = geometry.y; y < geometry.y + geometry.height; ++y)
    for (int x = geometry.x; x < geometry.x + geometry.width; ++x) {
      double in[3] = {};
      for (size_t i = 0; i < components.size(); ++i) in[i] = components[i].at(x, y);
      std::vector<double> out = convert(picture, in, is_gray);
      if (format == pixel::Format::bgr24) std::swap(out[0], out[2]);
      result.insert(result.end(), out.begin(), out.end());
    }
  for (double &value : result) value = std::clamp(value, 0.0, 255.0);
  return result;
}

double psnr(const std::vector<uint8_t> &bytes, const std::vector<double> &exact) {
  double sum = 0;
  for (size_t i = 0; i < bytes.size(); ++i) sum += (bytes[i] - exact[i]) * (bytes[i] - exact[i]);
  if (sum == 0) return 999;
  return 10 * std::log10(255.0 * 255 * static_cast<double>(bytes.size()) / sum);
}

}  // namespace spdl::unit
