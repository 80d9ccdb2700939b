using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlTr.Model.Layers;

/// <summary>A pre-norm residual layer around pixel attention (Eq. 1) or cross-window attention (Eq. 3), then an MLP: [B, n + h w, d] kept.</summary>
internal sealed class TransformerLayer : nn.Module<Tensor, long, long, Tensor>
{
    private readonly LayerNorm norm1, norm2;
    private readonly nn.Module<Tensor, long, long, Tensor> attn;
    private readonly Mlp mlp;
    private readonly DropPath drop;
    private readonly int skipped;

    /// <param name="attention">What attends.</param>
    /// <param name="channels">Channels, d.</param>
    /// <param name="ratio">Hidden width of the MLP in multiples of d.</param>
    /// <param name="eps">Epsilon of the norms.</param>
    /// <param name="dropRate">Drop path rate.</param>
    /// <param name="skipped">Leading tokens that pass unchanged: the object token in a cross-window layer.</param>
    public TransformerLayer(nn.Module<Tensor, long, long, Tensor> attention, int channels, int ratio, double eps, double dropRate, int skipped = 0)
        : base(nameof(TransformerLayer))
    {
        this.skipped = skipped;
        norm1 = nn.LayerNorm(channels, eps);
        attn = attention;
        norm2 = nn.LayerNorm(channels, eps);
        mlp = new Mlp(channels, ratio);
        drop = new DropPath(dropRate);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x_BLD, long h, long w)
    {
        using var scope = NewDisposeScope();
        var x = skipped == 0 ? x_BLD : x_BLD.narrow(1, skipped, x_BLD.shape[1] - skipped);
        x = x.add(drop.call(attn.call(norm1.call(x), h, w)));
        x = x.add(drop.call(mlp.call(norm2.call(x))));
        if (skipped > 0)
        {
            x = cat([x_BLD.narrow(1, 0, skipped), x], 1);
        }

        return x.MoveToOuterDisposeScope();
    }
}
