using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlTr.Model.Layers;

/// <summary>Quarters the pixels and doubles the channels between stages: [B, h w, d] to [B, h/2 w/2, 2d], odd sides rounded up.</summary>
internal sealed class SpaceToDepth : nn.Module<Tensor, long, long, Tensor>
{
    private readonly LayerNorm norm;
    private readonly Linear reduction;

    public SpaceToDepth(int channels, double eps)
        : base(nameof(SpaceToDepth))
    {
        norm = nn.LayerNorm(4L * channels, eps);
        reduction = nn.Linear(4L * channels, 2L * channels, hasBias: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x_BLD, long h, long w)
    {
        using var scope = NewDisposeScope();
        var (b, d) = (x_BLD.shape[0], x_BLD.shape[2]);
        var map = Windows.Pad(x_BLD.view(b, h, w, d), 2);
        var (h2, w2) = (map.shape[1] / 2, map.shape[2] / 2);

        // Offsets of a square go down before right, so the column is the slower one.
        var squares = map.reshape(b, h2, 2, w2, 2, d).permute(0, 1, 3, 4, 2, 5).reshape(b, h2 * w2, 4 * d);
        return reduction.call(norm.call(squares)).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}
