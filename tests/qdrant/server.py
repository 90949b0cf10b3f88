"""Qdrant's own engine behind Qdrant's own protocol, for the contract of forebay-vectors.

usage: server.py FOLDER

The server of Qdrant is in no package index; its engine is (qdrant-edge-py), and so are the
definitions of its protocol (qdrant-client). This puts the one behind the other on a free port of
the loopback interface, prints the URL in a line, and serves until it is killed or whoever started it
is gone. Points, filters,
codes, graphs and scores are the engine's; names of collections and their aliases, which the engine
does not know, are kept here as Qdrant documents them. What the product never sends is answered with
UNIMPLEMENTED, and so is a part of a request that is not looked at here.
"""

import os
import sys
import threading
from concurrent import futures

import grpc
import qdrant_edge as edge
from qdrant_client.grpc import (
    collections_pb2,
    collections_service_pb2_grpc,
    json_with_int_pb2,
    points_pb2,
    points_service_pb2_grpc,
    qdrant_common_pb2,
)

# A segment of so many KB of vectors gets codes and a graph: a tenth of the default, because the tests
# have fewer points. So of what the collection wants to have scanned it is a twentieth.
GRAPH_FROM_KB = 1_000
SCANNED_PART = 20
DISTANCES = {
    collections_pb2.Cosine: edge.Distance.Cosine,
    collections_pb2.Dot: edge.Distance.Dot,
    collections_pb2.Euclid: edge.Distance.Euclid,
}


def only(context, message, *looked_at):
    """Ends the call if the message sets a field that is not looked at here."""
    others = sorted({field.name for field, _ in message.ListFields()} - set(looked_at))
    if others:
        what = f"{message.DESCRIPTOR.name} with {', '.join(others)}"
        context.abort(grpc.StatusCode.UNIMPLEMENTED, what)


class Collection:
    """One shard of the engine and what it was made with."""

    def __init__(self, folder, config):
        self.config = config
        self.vectors = config.params.vectors_config.params
        codes = config.quantization_config.scalar
        self.shard = edge.EdgeShard.create(
            folder,
            edge.EdgeConfig(
                vectors=edge.EdgeVectorParams(
                    size=self.vectors.size,
                    distance=DISTANCES[self.vectors.distance],
                    on_disk=self.vectors.on_disk,
                ),
                hnsw_config=edge.HnswIndexConfig(
                    m=config.hnsw_config.m,
                    ef_construct=config.hnsw_config.ef_construct,
                    full_scan_threshold=config.hnsw_config.full_scan_threshold // SCANNED_PART,
                ),
                quantization_config=edge.ScalarQuantizationConfig(
                    type=edge.ScalarType.Int8,
                    quantile=codes.quantile,
                    always_ram=codes.always_ram,
                ),
                optimizers=edge.EdgeOptimizersConfig(indexing_threshold=GRAPH_FROM_KB),
            ),
        )

    def update(self, operation):
        self.shard.update(operation)
        # A server does this beside the requests; here the next one finds it done.
        self.shard.optimize()


class Store:
    """The collections of the server and the other names that they have."""

    def __init__(self, folder):
        self.folder = folder
        self.lock = threading.RLock()
        self.made = 0
        self.collections = {}
        self.aliases = {}

    def create(self, context, name, config):
        if name in self.collections or name in self.aliases:
            context.abort(
                grpc.StatusCode.ALREADY_EXISTS, f"Wrong input: Collection `{name}` already exists!"
            )
        self.made += 1
        folder = os.path.join(self.folder, str(self.made))
        os.makedirs(folder)
        self.collections[name] = Collection(folder, config)

    def find(self, context, name):
        name = self.aliases.get(name, name)
        if name not in self.collections:
            context.abort(
                grpc.StatusCode.NOT_FOUND, f"Not found: Collection `{name}` doesn't exist!"
            )
        return self.collections[name]

    def delete(self, name):
        found = self.collections.pop(name, None)
        self.aliases = {alias: of for alias, of in self.aliases.items() if of != name}
        if found is not None:
            found.shard.close()
        return found is not None

    def alias(self, context, alias, collection):
        self.find(context, collection)
        if alias in self.collections:
            context.abort(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"Wrong input: Collection `{alias}` already exists!",
            )
        self.aliases[alias] = collection


class Collections(collections_service_pb2_grpc.CollectionsServicer):
    def __init__(self, store):
        self.store = store

    def Create(self, request, context):
        only(
            context,
            request,
            "collection_name",
            "hnsw_config",
            "vectors_config",
            "quantization_config",
            "timeout",
        )
        only(context, request.hnsw_config, "m", "ef_construct", "full_scan_threshold")
        only(context, request.vectors_config, "params")
        only(context, request.vectors_config.params, "size", "distance", "on_disk")
        only(context, request.quantization_config, "scalar")
        only(context, request.quantization_config.scalar, "type", "quantile", "always_ram")
        config = collections_pb2.CollectionConfig(
            params=collections_pb2.CollectionParams(vectors_config=request.vectors_config),
            hnsw_config=request.hnsw_config,
            quantization_config=request.quantization_config,
        )
        with self.store.lock:
            self.store.create(context, request.collection_name, config)
        return collections_pb2.CollectionOperationResponse(result=True)

    def Get(self, request, context):
        with self.store.lock:
            collection = self.store.find(context, request.collection_name)
            info = collections_pb2.CollectionInfo(
                status=collections_pb2.Green,
                points_count=collection.shard.info().points_count,
                config=collection.config,
            )
        return collections_pb2.GetCollectionInfoResponse(result=info)

    def Delete(self, request, context):
        with self.store.lock:
            deleted = self.store.delete(request.collection_name)
        return collections_pb2.CollectionOperationResponse(result=deleted)

    def UpdateAliases(self, request, context):
        with self.store.lock:
            for action in request.actions:
                only(context, action, "create_alias")
                wanted = action.create_alias
                self.store.alias(context, wanted.alias_name, wanted.collection_name)
        return collections_pb2.CollectionOperationResponse(result=True)

    def ListAliases(self, request, context):
        with self.store.lock:
            aliases = [
                collections_pb2.AliasDescription(alias_name=alias, collection_name=collection)
                for alias, collection in self.store.aliases.items()
            ]
        return collections_pb2.ListAliasesResponse(aliases=aliases)


class Points(points_service_pb2_grpc.PointsServicer):
    def __init__(self, store):
        self.store = store

    def CreateFieldIndex(self, request, context):
        only(
            context,
            request,
            "collection_name",
            "wait",
            "field_name",
            "field_type",
            "field_index_params",
        )
        if request.field_type != points_pb2.FieldTypeKeyword:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "another index than of keywords")
        only(context, request.field_index_params, "keyword_index_params")
        only(context, request.field_index_params.keyword_index_params, "is_tenant")
        is_tenant = request.field_index_params.keyword_index_params.is_tenant
        schema = edge.KeywordIndexParams(is_tenant=is_tenant)
        return self.updated(
            request, context, edge.UpdateOperation.create_field_index(request.field_name, schema)
        )

    def Upsert(self, request, context):
        only(context, request, "collection_name", "wait", "points")
        points = [
            edge.Point(
                point.id.uuid,
                list(dense_of(context, point.vectors.vector)),
                {name: value_of(context, value) for name, value in point.payload.items()},
            )
            for point in request.points
        ]
        return self.updated(request, context, edge.UpdateOperation.upsert_points(points))

    def Delete(self, request, context):
        only(context, request, "collection_name", "wait", "points")
        only(context, request.points, "points")
        ids = [point.uuid for point in request.points.points.ids]
        return self.updated(request, context, edge.UpdateOperation.delete_points(ids))

    def updated(self, request, context, operation):
        if not request.wait:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "an update that does not wait")
        with self.store.lock:
            self.store.find(context, request.collection_name).update(operation)
        result = points_pb2.UpdateResult(status=points_pb2.Completed)
        return points_pb2.PointsOperationResponse(result=result)

    def Get(self, request, context):
        only(context, request, "collection_name", "ids", "with_payload", "with_vectors")
        with self.store.lock:
            found = self.store.find(context, request.collection_name).shard.retrieve(
                [point.uuid for point in request.ids],
                request.with_payload.enable,
                request.with_vectors.enable,
            )
        records = [
            points_pb2.RetrievedPoint(
                id=qdrant_common_pb2.PointId(uuid=str(record.id)),
                payload=payload_of(record.payload),
                vectors=vectors_of(record.vector),
            )
            for record in found
        ]
        return points_pb2.GetResponse(result=records)

    def Count(self, request, context):
        only(context, request, "collection_name", "exact")
        with self.store.lock:
            shard = self.store.find(context, request.collection_name).shard
            count = shard.count(edge.CountRequest(exact=request.exact))
        return points_pb2.CountResponse(result=points_pb2.CountResult(count=count))

    def Query(self, request, context):
        only(
            context,
            request,
            "collection_name",
            "query",
            "filter",
            "params",
            "limit",
            "with_payload",
        )
        only(context, request.query, "nearest")
        query = edge.QueryRequest(
            limit=request.limit,
            query=edge.Query.Nearest(list(dense_of(context, request.query.nearest))),
            filter=filter_of(context, request.filter),
            params=parameters_of(context, request.params),
            with_payload=request.with_payload.enable,
        )
        with self.store.lock:
            found = self.store.find(context, request.collection_name).shard.query(query)
        points = [
            points_pb2.ScoredPoint(
                id=qdrant_common_pb2.PointId(uuid=str(point.id)),
                payload=payload_of(point.payload),
                score=point.score,
                version=point.version,
            )
            for point in found
        ]
        return points_pb2.QueryResponse(result=points)


def dense_of(context, vector):
    only(context, vector, "dense")
    return vector.dense.data


def value_of(context, value):
    kind = value.WhichOneof("kind")
    if kind not in ("string_value", "integer_value"):
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"a payload with {kind}")
    return getattr(value, kind)


def payload_of(payload):
    def value(it):
        kind = "string_value" if isinstance(it, str) else "integer_value"
        return json_with_int_pb2.Value(**{kind: it})

    return {name: value(it) for name, it in (payload or {}).items()}


def vectors_of(vector):
    if vector is None:
        return None
    dense = points_pb2.DenseVector(data=vector)
    return points_pb2.VectorsOutput(vector=points_pb2.VectorOutput(dense=dense))


def filter_of(context, wanted):
    only(context, wanted, "must")
    return edge.Filter(must=[condition_of(context, condition) for condition in wanted.must])


def condition_of(context, condition):
    only(context, condition, "field", "has_id")
    if condition.HasField("has_id"):
        return edge.HasIdCondition({point.uuid for point in condition.has_id.has_id})
    field = condition.field
    only(context, field, "key", "match")
    only(context, field.match, "keyword", "keywords")
    if field.match.HasField("keyword"):
        match = edge.MatchValue(field.match.keyword)
    else:
        match = edge.MatchAny(list(field.match.keywords.strings))
    return edge.FieldCondition(field.key, match=match)


def parameters_of(context, wanted):
    only(context, wanted, "hnsw_ef", "exact", "quantization")
    codes = wanted.quantization
    only(context, codes, "rescore", "oversampling")
    quantization = edge.QuantizationSearchParams(
        rescore=codes.rescore if codes.HasField("rescore") else None,
        oversampling=codes.oversampling if codes.HasField("oversampling") else None,
    )
    return edge.SearchParams(
        hnsw_ef=wanted.hnsw_ef if wanted.HasField("hnsw_ef") else None,
        exact=wanted.exact,
        quantization=quantization if wanted.HasField("quantization") else None,
    )


def main():
    (folder,) = sys.argv[1:]
    parent = os.getppid()
    store = Store(folder)
    server = grpc.server(futures.ThreadPoolExecutor(4))
    collections_service_pb2_grpc.add_CollectionsServicer_to_server(Collections(store), server)
    points_service_pb2_grpc.add_PointsServicer_to_server(Points(store), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"http://127.0.0.1:{port}", flush=True)
    while os.getppid() == parent and server.wait_for_termination(timeout=1):
        pass


if __name__ == "__main__":
    main()
