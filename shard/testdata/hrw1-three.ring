placement hrw1
hash xxh64
tag ""
slots 262144
node "red"
node "green"
node "blue"
digest 22a910fa8f140cf0
