namespace MlTr.Grains.Sweeps;

/// <summary>What a sweep has on the disk beside the store.</summary>
public interface ISweepFiles
{
    /// <summary>Deletes the checkpoints of all its trials; none is fine.</summary>
    /// <exception cref="IOException">They cannot be deleted.</exception>
    void Delete(string sweepId);

    /// <summary>What is free on their disk, and how large it is, in bytes; null where that is not known.</summary>
    (long Free, long Total)? Space();
}
