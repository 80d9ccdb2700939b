using static TorchSharp.torch;

namespace MlTr.Model.Checkpoints;

/// <summary>Copies named tensors into a network.</summary>
public static class WeightLoading
{
    /// <summary>
    /// Copies every weight of the network from the file, whose further tensors are ignored; an <see cref="InvalidDataException"/> lists all that
    /// are missing or of another shape, and then nothing was copied.
    /// </summary>
    public static void LoadWeights(this MlTrClassifier network, TensorFile file)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(file);
        CopyInto(network.NamedWeights(), file);
    }

    internal static void CopyInto(IReadOnlyList<(string Name, Tensor Value)> targets, TensorFile file, string prefix = "")
    {
        List<string> errors = [];
        foreach (var (name, value) in targets)
        {
            if (!file.Tensors.TryGetValue(prefix + name, out var source))
            {
                errors.Add($"'{prefix}{name}' is missing");
            }
            else if (!source.shape.AsSpan().SequenceEqual(value.shape))
            {
                errors.Add($"'{prefix}{name}' is [{string.Join(", ", source.shape)}] instead of [{string.Join(", ", value.shape)}]");
            }
        }

        if (errors.Count > 0)
        {
            throw new InvalidDataException($"These weights do not fit the network: {string.Join("; ", errors.Take(10))}"
                + (errors.Count > 10 ? $"; and {errors.Count - 10} more." : "."));
        }

        using var noGradient = no_grad();
        foreach (var (name, value) in targets)
        {
            _ = value.copy_(file.Tensors[prefix + name]);
        }
    }
}
