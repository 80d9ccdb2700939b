using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlTr.Model.Layers;

/// <summary>A convolution over P x P patches, then a layer norm: [B, 3, H, W] to [B, h w, C]. No position is added.</summary>
internal sealed class PatchEmbed : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d proj;
    private readonly LayerNorm norm;
    private readonly int patch;

    public PatchEmbed(int patch, int channels, double eps)
        : base(nameof(PatchEmbed))
    {
        this.patch = patch;
        proj = nn.Conv2d(3, channels, (patch, patch), stride: (patch, patch));
        norm = nn.LayerNorm(channels, eps);
        RegisterComponents();
    }

    /// <summary>Rows or columns of patches that cover <paramref name="pixels"/>.</summary>
    public long PatchesOver(long pixels) => (pixels + patch - 1) / patch;

    public override Tensor forward(Tensor images_B3HW)
    {
        using var scope = NewDisposeScope();
        var (below, right) = (PatchesOver(images_B3HW.shape[2]) * patch - images_B3HW.shape[2], PatchesOver(images_B3HW.shape[3]) * patch - images_B3HW.shape[3]);
        var padded = below == 0 && right == 0 ? images_B3HW : nn.functional.pad(images_B3HW, [0, right, 0, below]);
        var patches_BLC = proj.call(padded).flatten(2).transpose(1, 2);
        return norm.call(patches_BLC.to(ScalarType.Float32)).MoveToOuterDisposeScope();
    }
}
