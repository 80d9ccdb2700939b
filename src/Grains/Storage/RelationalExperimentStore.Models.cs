using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;

namespace MlTr.Grains.Storage;

internal abstract partial class RelationalExperimentStore
{
    public Task<ModelRow?> LoadModelAsync(string name, CancellationToken cancellationToken = default) =>
        ReadAsync(reader => reader.Context.Models.AsNoTracking().SingleOrDefault(row => row.Name == name)?.ToRow(), cancellationToken);

    public Task<ImmutableArray<ModelRow>> ListModelsAsync(CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<ModelRow>>(
            reader => [.. reader.Context.Models.AsNoTracking().OrderBy(row => row.Name).AsEnumerable().Select(row => row.ToRow())], cancellationToken);

    public Task SaveModelAsync(ModelRow model, CancellationToken cancellationToken = default) => WriteAsync(session =>
    {
        var models = session.Context.Models;
        var row = models.Find(model.Model.Name);
        if ((row?.Version ?? 0) != model.Version)
        {
            throw new StaleVersionException($"Model {model.Model.Name}");
        }

        row ??= models.Add(new() { Name = model.Model.Name }).Entity;
        row.Take(model);
        Save(session.Context, $"Model {model.Model.Name}");
    }, cancellationToken);
}
