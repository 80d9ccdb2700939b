using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;

namespace MlTr.Grains.Datasets;

/// <summary>Reads datasets for the grains. Implemented over the model's readers.</summary>
public interface IDatasetSource
{
    /// <summary>The datasets that come with the product: id, format, folder and description.</summary>
    ImmutableArray<DatasetSnapshot> BuiltIn { get; }

    /// <summary>Looks at a folder that is to be registered, without reading its pictures.</summary>
    /// <returns>The dataset as it will be known, its format found out.</returns>
    /// <exception cref="DatasetRegistrationException">It cannot be used; the message says what to do.</exception>
    DatasetSnapshot Examine(DatasetRegistration registration);

    /// <summary>Makes the dataset's files exist (the built-in ones are drawn, once), and says what is in it. Safe to call from several processes.</summary>
    /// <param name="dataset">The registered dataset.</param>
    /// <param name="progress">Takes the share done, 0..1.</param>
    /// <returns>Class names and the names of the splits a sweep may see, with their numbers of images.</returns>
    Task<DatasetContents> EnsureAsync(DatasetSnapshot dataset, Action<double> progress, CancellationToken cancellationToken);

    /// <summary>Reads every file of one shard: counts, checksum and bad files.</summary>
    Task<ShardSnapshot> IndexShardAsync(DatasetSnapshot dataset, string split, int shard, int shards, CancellationToken cancellationToken);
}

/// <summary>What a dataset holds.</summary>
public sealed record DatasetContents(ImmutableArray<string> Classes, ImmutableArray<(string Name, int Images)> Splits);
