using static TorchSharp.torch;

namespace MlTr.Model.Layers;

/// <summary>A computed table kept from call to call; only the newest, because a network seldom changes its image size.</summary>
internal sealed class KeptTensor<TKey> : IDisposable
    where TKey : notnull
{
    private (TKey Key, Tensor Value)? kept;

    public Tensor Get(TKey key, Func<Tensor> make)
    {
        if (kept is { } known && known.Key.Equals(key))
        {
            return known.Value;
        }

        Dispose();
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var value = make().DetachFromDisposeScope();
        kept = (key, value);
        return value;
    }

    public void Dispose()
    {
        kept?.Value.Dispose();
        kept = null;
    }
}
