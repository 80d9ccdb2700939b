using System.Globalization;

namespace MlTr.Grains.Datasets.Decoded;

/// <summary>Names one shard at one size in one place: <c>place|dataset/split/number-of-count|size</c>.</summary>
/// <param name="Place">The machine and folder, see <see cref="Placement.SiloRoles.PlaceKey"/>.</param>
/// <param name="Shard">The shard of the dataset.</param>
/// <param name="ImageSize">Height and width, pixels.</param>
internal readonly record struct DecodedShardId(string Place, ShardId Shard, int ImageSize)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Place}|{Shard}|{ImageSize}");

    public static DecodedShardId Parse(string text)
    {
        var parts = text.Split('|');
        return new DecodedShardId(string.Join('|', parts[..^2]), ShardId.Parse(parts[^2]), int.Parse(parts[^1], CultureInfo.InvariantCulture));
    }
}

/// <summary>How far a shard is.</summary>
/// <param name="Done">Pictures decoded.</param>
/// <param name="Pictures">Pictures in all; 0 until it is known.</param>
/// <param name="IsReady">Whether the file is whole.</param>
/// <param name="Bytes">What all of it takes on disk.</param>
/// <param name="Problem">Why it cannot be.</param>
[GenerateSerializer, Immutable, Alias("mltr.DecodedShardProgress")]
internal sealed record DecodedShardProgress([property: Id(0)] int Done, [property: Id(1)] int Pictures, [property: Id(2)] bool IsReady, [property: Id(3)] long Bytes = 0, [property: Id(4)] string? Problem = null);

/// <summary>Decodes one shard in a process of the machine that the pictures are for. Keyed by <see cref="DecodedShardId"/>.</summary>
[Alias("mltr.IDecodedShardGrain")]
internal interface IDecodedShardGrain : IGrainWithStringKey
{
    /// <summary>Sees to it that the work goes on, and answers once it has ended, or after a moment. A new activation takes over what one that died had done.</summary>
    [Alias("Advance")]
    Task<DecodedShardProgress> AdvanceAsync();
}
