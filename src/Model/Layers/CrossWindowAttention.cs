using MlTr.Model.Native;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlTr.Model.Layers;

/// <summary>
/// Attention between windows, channel by channel (Eqs. 3, 4, 9, 10): a token is one channel of one window. Takes the normed pixels
/// [B, h w, d]. One head, no position bias, never shifted; the weights are shared by all channels.
/// </summary>
internal sealed class CrossWindowAttention : nn.Module<Tensor, long, long, Tensor>
{
    private readonly Linear qkv, proj;
    private readonly int window;

    public CrossWindowAttention(int window)
        : base(nameof(CrossWindowAttention))
    {
        this.window = window;
        var t = (long)window * window;
        qkv = nn.Linear(t, 3 * t);
        proj = nn.Linear(t, t);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x_BLD, long h, long w)
    {
        using var scope = NewDisposeScope();
        var (b, d) = (x_BLD.shape[0], x_BLD.shape[2]);
        var map = Windows.Pad(x_BLD.reshape(b, h, w, d), window);
        var windows_BDNT = Windows.Cut(map, window).permute(0, 3, 1, 2);
        var (n, t) = (windows_BDNT.shape[2], windows_BDNT.shape[3]);

        // Of rows and columns only, libtorch adds the bias within the product; of more dimensions in a pass of its own.
        var parts = qkv.call(windows_BDNT.reshape(b * d * n, t)).view(b, d, n, 3 * t).chunk(3, -1);
        Tensor weights_BDNN;
        using (Autocast.Suspend(x_BLD.device))
        {
            var query = parts[0].to(ScalarType.Float32).mul(1.0 / window);
            weights_BDNN = matmul(query, parts[1].to(ScalarType.Float32).transpose(-2, -1)).softmax(-1);
        }

        var mixed_BNTD = proj.call(matmul(weights_BDNN, parts[2]).view(b * d * n, t)).view(b, d, n, t).permute(0, 2, 3, 1);
        var joined = Windows.Join(mixed_BNTD, window, map.shape[1], map.shape[2]);
        return Windows.Crop(joined, h, w).reshape(b, h * w, d).MoveToOuterDisposeScope();
    }
}
