using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlTr.Model.Baselines;

/// <summary>
/// The head of ML-Decoder (Ridnik et al., 2023): any feature map [B, C, h, w] to logits [B, K]. One decoder layer without self-attention, whose fixed queries each
/// answer for a group of classes; fits the map of any backbone, <see cref="MlTrOutput.FeatureMap"/> among them.
/// </summary>
public sealed class MlDecoder : nn.Module<Tensor, Tensor>
{
    private const int MostQueries = 100, Hidden = 2048, Heads = 8;
    private const double DropRate = 0.1;

    private readonly Linear embed, in_proj, out_proj, linear1, linear2;
    private readonly LayerNorm norm1, norm2, norm3;
    private readonly Dropout dropout;
    private readonly Tensor query_embed;
    private readonly Parameter group_weight, group_bias;
    private readonly int classes, width, queries;

    /// <summary>Builds it with fresh weights.</summary>
    /// <param name="channels">Channels of the map.</param>
    /// <param name="classes">K.</param>
    /// <param name="width">Width of the decoder, a multiple of 8.</param>
    public MlDecoder(int channels, int classes, int width = 768)
        : base(nameof(MlDecoder))
    {
        if (channels < 1 || classes < 1 || width < Heads || width % Heads != 0)
        {
            throw new ArgumentException($"ML-Decoder needs channels, classes and a width that is a multiple of {Heads}.");
        }

        (this.classes, this.width) = (classes, width);
        queries = Math.Min(MostQueries, classes);
        var group = (classes + queries - 1) / queries;
        embed = nn.Linear(channels, width);
        in_proj = nn.Linear(width, 3 * width);
        out_proj = nn.Linear(width, width);
        linear1 = nn.Linear(width, Hidden);
        linear2 = nn.Linear(Hidden, width);
        (norm1, norm2, norm3) = (nn.LayerNorm(width), nn.LayerNorm(width), nn.LayerNorm(width));
        dropout = nn.Dropout(DropRate);
        query_embed = randn(queries, width); // random and never trained
        group_weight = nn.Parameter(randn(queries, width, group).mul(Math.Sqrt(2.0 / (width + group))));
        group_bias = nn.Parameter(zeros(classes));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var memory_BLD = embed.call(input.flatten(2).transpose(1, 2)).relu();
        var asked_QD = query_embed.to(memory_BLD.device);
        var x_BQD = norm1.call(asked_QD.add(dropout.call(asked_QD))).unsqueeze(0).expand(memory_BLD.shape[0], queries, width);
        x_BQD = norm2.call(x_BQD.add(dropout.call(Attend(x_BQD, memory_BLD))));
        x_BQD = norm3.call(x_BQD.add(dropout.call(linear2.call(dropout.call(linear1.call(x_BQD).relu())))));
        var logits_BQG = matmul(x_BQD.unsqueeze(2), group_weight).squeeze(2);
        return logits_BQG.flatten(1).narrow(1, 0, classes).add(group_bias).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor x_BQD, Tensor memory_BLD)
    {
        var (weights, biases) = (in_proj.weight!.chunk(3, 0), in_proj.bias!.chunk(3, 0));
        Tensor Split(Tensor from, int part) => nn.functional.linear(from, weights[part], biases[part])
            .view(from.shape[0], from.shape[1], Heads, width / Heads).transpose(1, 2);
        var logits_BHQL = matmul(Split(x_BQD, 0), Split(memory_BLD, 1).transpose(-2, -1)).mul(Math.Pow((double)width / Heads, -0.5));
        var mixed_BHQK = matmul(logits_BHQL.softmax(-1), Split(memory_BLD, 2));
        return out_proj.call(mixed_BHQK.transpose(1, 2).reshape(x_BQD.shape[0], queries, width));
    }
}
