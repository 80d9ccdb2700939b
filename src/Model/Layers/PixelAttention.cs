using MlTr.Model.Native;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlTr.Model.Layers;

/// <summary>
/// Multi-head attention among the pixels of a window (Eqs. 1 and 2), optionally of cyclically shifted windows, with a bias for each relative
/// position. Takes the normed tokens [B, n + h w, d] with n = 1 object token or none in front.
/// </summary>
// Shapes: B images, N windows, T pixels per window, S = n + T tokens per window, D channels, G heads, K channels per head.
internal sealed class PixelAttention : nn.Module<Tensor, long, long, Tensor>
{
    private const double Forbidden = -100.0;

    private readonly Linear qkv, proj;
    private readonly Parameter? relative_position_bias_table;
    private readonly int window, shift, heads, tokens;
    private readonly KeptTensor<(long H, long W, string Device)> mask = new();
    private readonly KeptTensor<string> index = new();

    public PixelAttention(int channels, int heads, int window, int shift, bool positionBias, bool objectToken)
        : base(nameof(PixelAttention))
    {
        (this.window, this.shift, this.heads) = (window, shift, heads);
        tokens = objectToken ? 1 : 0;
        qkv = nn.Linear(channels, 3L * channels);
        proj = nn.Linear(channels, channels);
        if (positionBias)
        {
            relative_position_bias_table = nn.Parameter(zeros((2L * window - 1) * (2L * window - 1), heads));
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor x_BLD, long h, long w)
    {
        using var scope = NewDisposeScope();
        var (b, d) = (x_BLD.shape[0], x_BLD.shape[2]);
        var pixels = tokens == 0 ? x_BLD : x_BLD.narrow(1, tokens, h * w);
        var map = Windows.Pad(pixels.reshape(b, h, w, d), window);
        var (paddedH, paddedW) = (map.shape[1], map.shape[2]);
        var windows_BNTD = Windows.Cut(shift == 0 ? map : map.roll([-shift, -shift], [1, 2]), window);
        var n = windows_BNTD.shape[1];
        if (tokens > 0)
        {
            var copies = x_BLD.narrow(1, 0, tokens).unsqueeze(1).expand(b, n, tokens, d);
            windows_BNTD = cat([copies, windows_BNTD], 2);
        }

        var mixed_BNSD = Attend(windows_BNTD, paddedH, paddedW);
        var ownPixels = tokens == 0 ? mixed_BNSD : mixed_BNSD.narrow(2, tokens, (long)window * window);
        var joined = Windows.Join(ownPixels, window, paddedH, paddedW);
        var back = shift == 0 ? joined : joined.roll([shift, shift], [1, 2]);
        var result = Windows.Crop(back, h, w).reshape(b, h * w, d);
        if (tokens > 0)
        {
            // The token is heard in every window, so what it hears is averaged.
            result = cat([mixed_BNSD.narrow(2, 0, tokens).mean([1]), result], 1);
        }

        return result.MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            mask.Dispose();
            index.Dispose();
        }

        base.Dispose(disposing);
    }

    private Tensor Attend(Tensor x_BNSD, long h, long w)
    {
        var (b, n, s, d) = (x_BNSD.shape[0], x_BNSD.shape[1], x_BNSD.shape[2], x_BNSD.shape[3]);
        var k = d / heads;
        // Of rows and columns only, libtorch adds the bias within the product; of more dimensions in a pass of its own.
        var parts = qkv.call(x_BNSD.reshape(b * n * s, d)).view(b * n, s, 3, heads, k).permute(2, 0, 3, 1, 4).unbind(0);
        Tensor weights_WGSS;
        using (Autocast.Suspend(x_BNSD.device))
        {
            var query = parts[0].to(ScalarType.Float32).mul(Math.Pow(k, -0.5));
            var logits_WGSS = matmul(query, parts[1].to(ScalarType.Float32).transpose(-2, -1));
            if (relative_position_bias_table is not null)
            {
                logits_WGSS = logits_WGSS.add(Bias(s));
            }

            if (shift > 0)
            {
                logits_WGSS = logits_WGSS.view(b, n, heads, s, s).add(Mask(h, w, x_BNSD.device)).view(b * n, heads, s, s);
            }

            weights_WGSS = logits_WGSS.softmax(-1);
        }

        var mixed = matmul(weights_WGSS, parts[2]).transpose(1, 2).reshape(b * n * s, d);
        return proj.call(mixed).view(b, n, s, d);
    }

    /// <summary>[G, S, S]; the token's row and column are 0.</summary>
    private Tensor Bias(long s)
    {
        var table = relative_position_bias_table!;
        var t = (long)window * window;
        var rows = index.Get(table.device.ToString(), () => RelativeIndex(window).to(table.device));
        var bias_GTT = table.index_select(0, rows).view(t, t, heads).permute(2, 0, 1);
        return s == t ? bias_GTT : nn.functional.pad(bias_GTT, [tokens, 0, tokens, 0]);
    }

    /// <summary>[N, 1, S, S]: 0 between pixels that are neighbours in the image, -100 between those the roll brought together.</summary>
    private Tensor Mask(long h, long w, Device device) => mask.Get((h, w, device.ToString()), () =>
    {
        var rows = Bands(h).unsqueeze(1);
        var region = rows.mul(3).add(Bands(w).unsqueeze(0)).view(1, h, w, 1);
        var region_NT = Windows.Cut(region, window).squeeze(0).squeeze(-1);
        var differs = region_NT.unsqueeze(1).not_equal(region_NT.unsqueeze(2));
        var mask_NTT = zeros(differs.shape, ScalarType.Float32).masked_fill(differs, Forbidden);
        return (tokens == 0 ? mask_NTT : nn.functional.pad(mask_NTT, [tokens, 0, tokens, 0])).unsqueeze(1).to(device);
    });

    private Tensor Bands(long size) => tensor(
        [.. Enumerable.Range(0, (int)size).Select(i => i < size - window ? 0L : i < size - shift ? 1L : 2L)]);

    private static Tensor RelativeIndex(int window)
    {
        var side = 2 * window - 1;
        var t = window * window;
        var rows = new long[t * t];
        for (var query = 0; query < t; query++)
        {
            for (var key = 0; key < t; key++)
            {
                var (dy, dx) = (query / window - key / window + window - 1, query % window - key % window + window - 1);
                rows[query * t + key] = dy * side + dx;
            }
        }

        return tensor(rows);
    }
}
