using static TorchSharp.torch;

namespace MlTr.Model.Layers;

/// <summary>A map cut into windows and put together again; windows row by row, pixels row by row inside each.</summary>
internal static class Windows
{
    /// <summary>Zeros below and to the right until both sides are multiples of <paramref name="multiple"/>: [B, h, w, d].</summary>
    public static Tensor Pad(Tensor map, long multiple)
    {
        var (below, right) = (Missing(map.shape[1], multiple), Missing(map.shape[2], multiple));
        return below == 0 && right == 0 ? map : nn.functional.pad(map, [0, 0, 0, right, 0, below]);
    }

    /// <summary>[B, h, w, d] with sides divisible by <paramref name="side"/> to [B, N, T, d].</summary>
    public static Tensor Cut(Tensor map, long side)
    {
        var (b, h, w, d) = (map.shape[0], map.shape[1], map.shape[2], map.shape[3]);
        return map.reshape(b, h / side, side, w / side, side, d).permute(0, 1, 3, 2, 4, 5).reshape(b, h / side * (w / side), side * side, d);
    }

    /// <summary>The inverse of <see cref="Cut"/>: [B, N, T, d] to [B, h, w, d].</summary>
    public static Tensor Join(Tensor windows, long side, long h, long w)
    {
        var (b, d) = (windows.shape[0], windows.shape[3]);
        return windows.reshape(b, h / side, w / side, side, side, d).permute(0, 1, 3, 2, 4, 5).reshape(b, h, w, d);
    }

    /// <summary>The upper left h x w of a padded map.</summary>
    public static Tensor Crop(Tensor map, long h, long w)
    {
        var cropped = map.shape[1] == h ? map : map.narrow(1, 0, h);
        return cropped.shape[2] == w ? cropped : cropped.narrow(2, 0, w);
    }

    private static long Missing(long size, long multiple) => (multiple - size % multiple) % multiple;
}
